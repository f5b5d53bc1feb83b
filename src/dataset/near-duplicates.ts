/**
 * Near-duplicates: MinHash signatures over word shingles find candidates by locality-sensitive hashing (Broder 1997;
 * Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", ch. 3); the Jaccard index of each is then computed.
 */

import { hashWords, jaccard, mix, shingles } from './shingles.ts';

export interface NearDuplicate {
  /** Indices of the two texts, first < second. */
  first: number;
  second: number;
  /** Jaccard index of their shingle sets, 0 to 1. */
  jaccard: number;
}

/** 32 bands of 4 rows: a pair at Jaccard 0.8 is missed with probability (1 − 0.8⁴)³² < 10⁻⁷, one at 0.6 with 1 %. */
const BANDS = 32;
const ROWS = 4;
/**
 * Texts of one bucket that a text is compared with: those right before it. More than this many copies of one text would
 * make the work quadratic; each is still found, and joined to the others through its neighbours.
 */
const MOST_COMPARED = 64;

/** One seed for each of the family of hash functions. */
const SEEDS = Uint32Array.from({ length: BANDS * ROWS }, (_, i) => mix(Math.imul(i + 1, 0x9e3779b1)));

/** Least value of each hash function over the set, at signatures[start …]. */
function writeSignature(set: Uint32Array, signatures: Uint32Array, start: number): void {
  for (let i = 0; i < SEEDS.length; i++) {
    const seed = SEEDS[i]!;
    let least = 0xffffffff;
    for (let k = 0; k < set.length; k++) {
      let h = Math.imul(set[k]! ^ seed, 0x85ebca6b);
      h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
      h = (h ^ (h >>> 16)) >>> 0;
      if (h < least) least = h;
    }
    signatures[start + i] = least;
  }
}

/** A band's rows as one number of 53 bits. */
function bandKey(signatures: Uint32Array, start: number): number {
  let [high, low] = [0, 1];
  for (let i = start; i < start + ROWS; i++) {
    high = mix(high ^ signatures[i]!);
    low = mix(Math.imul(low, 0x01000193) ^ signatures[i]!);
  }
  return high * 2 ** 21 + (low >>> 11);
}

export interface NearDuplicateOptions {
  /** Least Jaccard index. Default: 0.6. */
  threshold?: number;
  onProgress?: (done: number, total: number) => void;
}

/** All pairs of shingle sets whose Jaccard index is at least the threshold, in order of their indices. */
export function findSimilarSets(
  sets: readonly Uint32Array[],
  { threshold = 0.6, onProgress }: NearDuplicateOptions = {},
): NearDuplicate[] {
  const n = sets.length;
  const signatures = new Uint32Array(n * SEEDS.length);
  for (const [i, set] of sets.entries()) {
    writeSignature(set, signatures, i * SEEDS.length);
    onProgress?.(i + 1, n);
  }
  const found: NearDuplicate[] = [];
  const seen = new Set<number>();
  for (let band = 0; band < BANDS; band++) {
    /** The last text of each bucket, and before each text the one before it in its bucket. */
    const last = new Map<number, number>();
    const before = new Int32Array(n).fill(-1);
    for (let second = 0; second < n; second++) {
      const key = bandKey(signatures, second * SEEDS.length + band * ROWS);
      before[second] = last.get(key) ?? -1;
      last.set(key, second);
      let compared = 0;
      for (let first = before[second]!; first >= 0 && compared < MOST_COMPARED; first = before[first]!) {
        compared += 1;
        const pair = first * n + second;
        if (seen.has(pair)) continue;
        seen.add(pair);
        const similarity = jaccard(sets[first]!, sets[second]!);
        if (similarity >= threshold) found.push({ first, second, jaccard: similarity });
      }
    }
  }
  return found.sort((a, b) => a.first - b.first || a.second - b.second);
}

/** All pairs of texts whose Jaccard index is at least `threshold`, in order of their indices. */
export function findNearDuplicates(texts: readonly string[], threshold = 0.6): NearDuplicate[] {
  return findSimilarSets(
    texts.map((text) => shingles(hashWords(text))),
    { threshold },
  );
}

/** Group number of each of `n` items, where the pairs (and chains of them) share a group. */
export function groupPairs(n: number, pairs: readonly Pick<NearDuplicate, 'first' | 'second'>[]): number[] {
  const parent = Array.from({ length: n }, (_, i) => i);
  const root = (i: number): number => {
    while (parent[i] !== i) {
      parent[i] = parent[parent[i]!]!;
      i = parent[i]!;
    }
    return i;
  };
  for (const { first, second } of pairs) parent[root(second)] = root(first);
  return parent.map((_, i) => root(i));
}
