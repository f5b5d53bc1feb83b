import { describe, expect, it } from 'vitest';
import { createVectorCache, type EncodedText } from '../../src/encoder/vector-cache.ts';

/** A vector of `dim` numbers, all `value`. */
const encoded = (value: number, dim = 3): EncodedText => ({
  vector: new Float32Array(dim).fill(value),
  tokens: value,
  truncated: false,
  windows: 1,
});

describe('createVectorCache', () => {
  it('gives back what was set', () => {
    const cache = createVectorCache(4);
    cache.set('a', encoded(1));
    cache.set('b', encoded(2));

    expect(cache.get('a')).toEqual(encoded(1));
    expect(cache.get('b')).toEqual(encoded(2));
    expect(cache.get('c')).toBeUndefined();
  });

  it('keeps nothing where it may keep no text', () => {
    const cache = createVectorCache(0);
    cache.set('a', encoded(1));

    expect(cache.get('a')).toBeUndefined();
  });

  it('drops the text not used for longest', () => {
    const cache = createVectorCache(2);
    cache.set('a', encoded(1));
    cache.set('b', encoded(2));
    cache.get('a');
    cache.set('c', encoded(3));

    expect(cache.get('a')).toEqual(encoded(1));
    expect(cache.get('b')).toBeUndefined();
    expect(cache.get('c')).toEqual(encoded(3));
  });

  it('replaces what a key had', () => {
    const cache = createVectorCache(2);
    cache.set('a', encoded(1));
    cache.set('b', encoded(2));
    cache.set('a', encoded(3));

    expect(cache.get('a')).toEqual(encoded(3));
    expect(cache.get('b')).toEqual(encoded(2));
  });

  it('mixes no vectors up over many evictions', () => {
    const texts = 1_500;
    const cache = createVectorCache(texts);
    for (let i = 0; i < 5_000; i++) {
      cache.set(String(i), encoded(i));
      if (i % 7 === 0) cache.get(String(i - 1_000));
      if (i % 11 === 0) cache.set(String(i - 50), encoded(i - 50));
    }

    const found = Array.from({ length: 5_000 }, (_, i) => ({ i, value: cache.get(String(i)) }));
    const kept = found.filter(({ value }) => value !== undefined);
    expect(kept.length).toBe(texts);
    for (const { i, value } of kept) expect(value).toEqual(encoded(i));
  });

  it('gives a copy: who changes it changes no later answer', () => {
    const cache = createVectorCache(1);
    cache.set('a', encoded(1));
    cache.get('a')!.vector.fill(9);

    expect(cache.get('a')).toEqual(encoded(1));
  });

  it('starts afresh with vectors of another dimension', () => {
    const cache = createVectorCache(4);
    cache.set('a', encoded(1));
    cache.set('b', encoded(2, 5));

    expect(cache.get('a')).toBeUndefined();
    expect(cache.get('b')).toEqual(encoded(2, 5));
  });
});
