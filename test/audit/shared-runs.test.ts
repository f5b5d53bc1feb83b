import { describe, expect, it } from 'vitest';
import { findSharedRuns } from '../../src/audit/shared-runs.ts';
import { seededRandom } from '../../src/random.ts';

/** Every pair of texts that share a run of `length` words, by comparing all with all. */
function bruteForce(texts: readonly Uint32Array[], length: number): Set<string> {
  const runs = texts.map((own) =>
    Array.from({ length: Math.max(0, own.length - length + 1) }, (_, i) => own.slice(i, i + length).join()),
  );
  const pairs = new Set<string>();
  for (let a = 0; a < texts.length; a++)
    for (let b = a + 1; b < texts.length; b++)
      if (runs[a]!.some((run) => runs[b]!.includes(run))) pairs.add(`${a} ${b}`);
  return pairs;
}

describe('findSharedRuns', () => {
  it('finds the texts that share a run, as a comparison of all with all does', () => {
    const random = seededRandom(2);
    // Few words, so that runs of four are shared by chance now and then, by two texts each.
    const texts = Array.from({ length: 40 }, () => Uint32Array.from({ length: 30 }, () => random.below(12)));

    const found = findSharedRuns(texts, 4);
    const later = new Set([...bruteForce(texts, 4)].map((pair) => pair.split(' ')[1]));

    const pairs = bruteForce(texts, 4);
    for (const { first, second } of found) expect(pairs.has(`${first} ${second}`)).toBe(true);
    expect(new Set(found.map(({ second }) => String(second)))).toEqual(later);
  });

  it('gives a run as long as it goes, once, with its places', () => {
    const [one, two] = [
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
      [90, 3, 4, 5, 6, 7, 8, 9, 10, 11, 91],
    ];

    expect(findSharedRuns([Uint32Array.from(one!), Uint32Array.from(two!)], 8)).toEqual([
      { first: 0, second: 1, firstStart: 2, secondStart: 1, length: 9 },
    ]);
  });

  it('does not report a text that repeats itself', () => {
    const own = Uint32Array.from([1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8]);

    expect(findSharedRuns([own], 8)).toEqual([]);
  });
});
