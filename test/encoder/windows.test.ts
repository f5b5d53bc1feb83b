import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packSentences } from '../../src/encoder/windows.ts';

const ids = (length: number, first = 0) => Array.from({ length }, (_, i) => first + i);
const sentences = fc.array(fc.array(fc.nat(25_999), { maxLength: 40 }), { maxLength: 12 });

describe('packSentences', () => {
  it('keeps whole sentences together while they fit', () => {
    const { windows } = packSentences([ids(4), ids(4), ids(4)], 10, 100);

    expect(windows.map((w) => w.length)).toEqual([8, 4]);
  });

  it('splits a sentence that is longer than a window', () => {
    const { windows } = packSentences([ids(25)], 10, 100);

    expect(windows.map((w) => w.length)).toEqual([10, 10, 5]);
  });

  it('loses, repeats and reorders no token', () => {
    fc.assert(
      fc.property(sentences, fc.integer({ min: 1, max: 20 }), (all, room) => {
        const { windows, truncated } = packSentences(all, room, Number.POSITIVE_INFINITY);

        expect(windows.flat()).toEqual(all.flat());
        expect(windows.every((w) => w.length > 0 && w.length <= room)).toBe(true);
        expect(truncated).toBe(false);
      }),
    );
  });

  it('cuts at the limit and says so', () => {
    fc.assert(
      fc.property(sentences, fc.nat(60), (all, limit) => {
        const { windows, tokens, truncated } = packSentences(all, 16, limit);

        expect(windows.flat()).toEqual(all.flat().slice(0, limit));
        expect(tokens).toBe(all.flat().length);
        expect(truncated).toBe(all.flat().length > limit);
      }),
    );
  });
});
