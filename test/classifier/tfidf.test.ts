import { describe, expect, it } from 'vitest';
import { createNgramWeigher, fitTfidf, selectRows } from '../../src/classifier/tfidf.ts';
import { seededRandom } from '../../src/random.ts';
import type { NgramOptions } from '../../src/text/ngrams.ts';

/** Words alone, so that the arithmetic can be followed: no text is as long as nine characters. */
const words: NgramOptions = { words: [1, 1], characters: [9, 9], buckets: 2 ** 16 };

describe('fitTfidf', () => {
  it('weighs a word by the texts that hold it: ln((1 + n) / (1 + df)) + 1', () => {
    const { idf } = fitTfidf(['a b', 'a c', 'a'], 1, words);

    const expected = [Math.log(4 / 4) + 1, Math.log(4 / 2) + 1, Math.log(4 / 2) + 1];
    for (const [i, value] of [...idf].sort().entries()) expect(value).toBeCloseTo(expected[i]!, 6);
  });

  it('leaves out what too few texts hold', () => {
    expect(fitTfidf(['a b', 'a c', 'a'], 2, words).buckets).toHaveLength(1);
  });
});

describe('createNgramWeigher', () => {
  it('gives (1 + ln tf) · idf, scaled to length 1', () => {
    const weigh = createNgramWeigher(fitTfidf(['a b', 'a'], 1, words));
    const { values } = weigh(['a a a b']);

    const a = 1 + Math.log(3);
    const b = Math.log(3 / 2) + 1;
    const norm = Math.hypot(a, b);
    expect([...values].sort()).toEqual([b / norm, a / norm].map((x) => expect.closeTo(x, 6)).sort());
    expect([...values]).toEqual(
      expect.arrayContaining([expect.closeTo(a / norm, 6), expect.closeTo(b / norm, 6)]),
    );
  });

  it('scales words and characters to length 1 each', () => {
    const options: NgramOptions = { words: [1, 2], characters: [2, 4], buckets: 2 ** 16 };
    const tfidf = fitTfidf(['وصل الفريق إلى بغداد', 'وصل القطار'], 1, options);
    const { values, indices } = createNgramWeigher(tfidf)(['وصل الفريق']);

    const squares = [0, 0];
    for (const [i, value] of values.entries())
      squares[tfidf.buckets[indices[i]!]! < 2 ** 15 ? 0 : 1]! += value * value;
    expect(squares[0]).toBeCloseTo(1, 5);
    expect(squares[1]).toBeCloseTo(1, 5);
  });

  it('passes over what training did not see', () => {
    const { offsets } = createNgramWeigher(fitTfidf(['a'], 1, words))(['b', 'a b']);

    expect([...offsets]).toEqual([0, 0, 1]);
  });

  it('keeps the heaviest entries of a long text', () => {
    const tfidf = fitTfidf(['a b c', 'a b', 'a'], 1, words);
    const all = createNgramWeigher(tfidf)(['a b c']);
    const two = createNgramWeigher(tfidf, 2)(['a b c']);

    expect([...two.values].sort()).toEqual([...all.values].sort().slice(1));
  });

  it('finds the heaviest of many, however often they occur', () => {
    const random = seededRandom(5);
    const text = (length: number) =>
      Array.from({ length }, () => `w${Math.floor(200 * random.next() ** 3)}`).join(' ');
    const tfidf = fitTfidf(
      Array.from({ length: 50 }, () => text(60)),
      1,
      words,
    );
    for (let k = 0; k < 20; k++) {
      const own = text(300);
      const all = createNgramWeigher(tfidf)([own]).values.toSorted();
      const kept = createNgramWeigher(tfidf, 30)([own]).values;

      expect(kept).toHaveLength(30);
      expect(Math.min(...kept)).toBe(all.at(-30));
    }
  });
});

describe('selectRows', () => {
  it('takes rows in the order asked for, repeats included', () => {
    const rows = createNgramWeigher(fitTfidf(['a', 'b c'], 1, words))(['a', 'b c']);

    const { offsets, indices } = selectRows(rows, [1, 0, 1]);

    expect([...offsets]).toEqual([0, 2, 3, 5]);
    expect([...indices.subarray(0, 2)]).toEqual([...indices.subarray(3, 5)]);
  });
});
