/**
 * Near-duplicates: MinHash signatures over word shingles find candidates by locality-sensitive hashing (Broder 1997;
 * Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", ch. 3); the Jaccard index of each is then computed.
 */

import { normalisedWords } from '../text/normalise.ts';

export interface NearDuplicate {
  /** Indices of the two texts, first < second. */
  first: number;
  second: number;
  /** Jaccard index of their shingle sets, 0 to 1. */
  jaccard: number;
}

/** Words per shingle. */
const SHINGLE = 3;
/** 32 bands of 4 rows: a pair at Jaccard 0.8 is missed with probability (1 − 0.8⁴)³² < 10⁻⁷, one at 0.6 with 1 %. */
const BANDS = 32;
const ROWS = 4;

/** FNV-1a over UTF-16 code units, 32 bits. */
function hashString(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Hashed word shingles of a text after normalisation; a text shorter than one shingle has itself as its only one. */
export function shingles(text: string): Set<number> {
  const words = normalisedWords(text);
  const out = new Set<number>();
  for (let i = 0; i + SHINGLE <= words.length; i++)
    out.add(hashString(words.slice(i, i + SHINGLE).join(' ')));
  if (out.size === 0) out.add(hashString(words.join(' ')));
  return out;
}

export function jaccard(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  const [small, large] = a.size <= b.size ? [a, b] : [b, a];
  let shared = 0;
  for (const x of small) if (large.has(x)) shared += 1;
  return shared / (a.size + b.size - shared);
}

/** The i-th of a family of hash functions: a mix of the value with an odd multiplier and a seed (murmur3 finaliser). */
function permute(value: number, i: number): number {
  let h = Math.imul(value ^ Math.imul(i + 1, 0x9e3779b1), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function signature(set: ReadonlySet<number>): Uint32Array {
  const out = new Uint32Array(BANDS * ROWS).fill(0xffffffff);
  for (const value of set) {
    for (let i = 0; i < out.length; i++) {
      const hash = permute(value, i);
      if (hash < out[i]!) out[i] = hash;
    }
  }
  return out;
}

/** All pairs of texts whose Jaccard index is at least `threshold`, in order of their indices. */
export function findNearDuplicates(texts: readonly string[], threshold = 0.6): NearDuplicate[] {
  const sets = texts.map(shingles);
  const signatures = sets.map(signature);
  const found: NearDuplicate[] = [];
  const seen = new Set<number>();
  for (let band = 0; band < BANDS; band++) {
    const buckets = new Map<string, number[]>();
    for (const [i, own] of signatures.entries()) {
      const key = own.subarray(band * ROWS, (band + 1) * ROWS).join(',');
      const bucket = buckets.get(key);
      if (bucket) bucket.push(i);
      else buckets.set(key, [i]);
    }
    for (const bucket of buckets.values()) {
      for (let a = 0; a < bucket.length; a++) {
        for (let b = a + 1; b < bucket.length; b++) {
          const [first, second] = [bucket[a]!, bucket[b]!];
          const pair = first * texts.length + second;
          if (seen.has(pair)) continue;
          seen.add(pair);
          const similarity = jaccard(sets[first]!, sets[second]!);
          if (similarity >= threshold) found.push({ first, second, jaccard: similarity });
        }
      }
    }
  }
  return found.sort((a, b) => a.first - b.first || a.second - b.second);
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
