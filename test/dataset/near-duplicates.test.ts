import { describe, expect, it } from 'vitest';
import { findNearDuplicates, groupPairs } from '../../src/dataset/near-duplicates.ts';
import { seededRandom } from '../../src/random.ts';

const random = seededRandom(11);
const words = (n: number) => Array.from({ length: n }, () => `كلمة${random.below(5_000)}`);
/** The words with some of them replaced. */
const edited = (original: string[], changes: number) => {
  const copy = [...original];
  for (let k = 0; k < changes; k++) copy[random.below(copy.length)] = `بديل${random.below(9_999)}`;
  return copy;
};

/** Jaccard index of the sets of three words in a row, without hashing. */
function similarity(a: string, b: string): number {
  const [own, other] = [a, b].map((text) => {
    const all = text.split(' ');
    return new Set(all.slice(2).map((_, i) => all.slice(i, i + 3).join(' ')));
  });
  const shared = [...own!].filter((shingle) => other!.has(shingle)).length;
  return shared / (own!.size + other!.size - shared);
}

describe('findNearDuplicates', () => {
  it('finds what brute force finds at 0.8 and over', () => {
    const texts: string[] = [];
    for (let i = 0; i < 60; i++) {
      const original = words(120);
      texts.push(original.join(' '), edited(original, 1 + (i % 8)).join(' '), words(80).join(' '));
    }
    const expected = texts.flatMap((a, i) =>
      texts.slice(i + 1).flatMap((b, k) => (similarity(a, b) >= 0.8 ? [`${i}-${i + 1 + k}`] : [])),
    );

    const found = findNearDuplicates(texts, 0.8).map(({ first, second }) => `${first}-${second}`);

    expect(expected.length).toBeGreaterThan(20);
    expect(found).toEqual(expected);
  });

  it('is blind to marks, letter forms and punctuation', () => {
    const pairs = findNearDuplicates(['إنَّ المدرسةَ الكبرى فُتحت اليوم.', 'ان المدرسه الكبري فتحت اليوم']);

    expect(pairs).toEqual([{ first: 0, second: 1, jaccard: 1 }]);
  });

  it('stays fast among thousands of copies, and joins them all', () => {
    const copies = new Array<string>(5_000).fill(words(50).join(' '));

    const pairs = findNearDuplicates(copies);

    expect(pairs.length).toBeLessThan(5_000 * 64);
    expect(new Set(groupPairs(copies.length, pairs)).size).toBe(1);
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
