import { describe, expect, it } from 'vitest';
import { findNearDuplicates, groupPairs, jaccard, shingles } from '../../src/dataset/near-duplicates.ts';
import { seededRandom } from '../../src/random.ts';

const random = seededRandom(11);
const words = (n: number) => Array.from({ length: n }, () => `كلمة${random.below(5_000)}`);
/** The words with some of them replaced. */
const edited = (original: string[], changes: number) => {
  const copy = [...original];
  for (let k = 0; k < changes; k++) copy[random.below(copy.length)] = `بديل${random.below(9_999)}`;
  return copy;
};

describe('jaccard', () => {
  it('is shared over all', () => {
    expect(jaccard(new Set([1, 2, 3]), new Set([2, 3, 4, 5]))).toBe(2 / 5);
  });
});

describe('findNearDuplicates', () => {
  it('finds what brute force finds at 0.8 and over', () => {
    const texts: string[] = [];
    for (let i = 0; i < 60; i++) {
      const original = words(120);
      texts.push(original.join(' '), edited(original, 1 + (i % 8)).join(' '), words(80).join(' '));
    }
    const sets = texts.map(shingles);
    const expected = sets.flatMap((a, i) =>
      sets.slice(i + 1).flatMap((b, k) => (jaccard(a, b) >= 0.8 ? [`${i}-${i + 1 + k}`] : [])),
    );

    const found = findNearDuplicates(texts, 0.8).map(({ first, second }) => `${first}-${second}`);

    expect(expected.length).toBeGreaterThan(20);
    expect(found).toEqual(expected);
  });

  it('is blind to marks, letter forms and punctuation', () => {
    const pairs = findNearDuplicates(['إنَّ المدرسةَ الكبرى فُتحت اليوم.', 'ان المدرسه الكبري فتحت اليوم']);

    expect(pairs).toEqual([{ first: 0, second: 1, jaccard: 1 }]);
  });

  it('finds nothing among unlike texts', () => {
    expect(findNearDuplicates([words(50).join(' '), words(50).join(' '), ''])).toEqual([]);
  });
});

describe('groupPairs', () => {
  it('joins chains', () => {
    const groups = groupPairs(5, [
      { first: 0, second: 1 },
      { first: 1, second: 3 },
    ]);

    expect(groups[0]).toBe(groups[3]);
    expect(new Set(groups).size).toBe(3);
  });
});
