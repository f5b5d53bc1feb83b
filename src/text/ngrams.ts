/**
 * N-grams of words and characters, hashed into a fixed number of buckets (Weinberger et al. 2009, "Feature Hashing for
 * Large Scale Multitask Learning"): no vocabulary to keep, the same bucket for the same n-gram on every machine.
 */

import { normalisedWords } from './normalise.ts';

/** Shortest and longest n-gram. */
export type NgramRange = readonly [least: number, most: number];

export interface NgramOptions {
  /** N-grams of neighbouring words. */
  words: NgramRange;
  /** N-grams of characters within a word and the spaces around it. */
  characters: NgramRange;
  /** Number of buckets, a power of two; words take one half of them, characters the other. */
  buckets: number;
}

/** What a text holds: its columns in the order of their first use, and how often each was met. */
export interface NgramCounts {
  columns: Uint32Array;
  counts: Uint16Array;
}

const FNV_PRIME = 0x01000193;
const FNV_OFFSET = 0x811c9dc5;
const SPACE = 32;

/** One step of FNV-1a over a UTF-16 code unit. */
const step = (hash: number, unit: number) => Math.imul(hash ^ unit, FNV_PRIME);

/** The finaliser of MurmurHash3: spreads the low bits that a short FNV hash leaves alike. */
function spread(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * @param known The buckets to count; a column stands for each, in their order. Without it all are, and columns are buckets.
 * @returns A function that counts one text's n-grams. It keeps a counter per column between calls; what it returns is good
 *   until the next call.
 */
export function createNgramCounter(
  { words, characters, buckets }: NgramOptions,
  known: Uint32Array = Uint32Array.from({ length: buckets }, (_, bucket) => bucket),
): (text: string) => NgramCounts {
  /** Of each bucket; −1: not counted. */
  const columns = new Int32Array(buckets).fill(-1);
  for (const [column, bucket] of known.entries()) columns[bucket] = column;
  const counters = new Uint16Array(known.length);
  const half = buckets / 2;
  let used = new Uint32Array(4_096);
  let found = new Uint16Array(used.length);
  let size = 0;

  function count(bucket: number): void {
    const column = columns[bucket]!;
    if (column < 0) return;
    const before = counters[column]!;
    if (before === 0) {
      if (size === used.length) {
        const grown = new Uint32Array(2 * size);
        grown.set(used);
        used = grown;
        found = new Uint16Array(grown.length);
      }
      used[size++] = column;
    }
    if (before < 0xffff) counters[column] = before + 1;
  }

  function countWords(tokens: readonly string[]): void {
    for (let start = 0; start < tokens.length; start++) {
      let hash = FNV_OFFSET;
      for (let n = 1; n <= words[1] && start + n <= tokens.length; n++) {
        const token = tokens[start + n - 1]!;
        if (n > 1) hash = step(hash, SPACE);
        for (let i = 0; i < token.length; i++) hash = step(hash, token.charCodeAt(i));
        if (n >= words[0]) count(spread(hash) & (half - 1));
      }
    }
  }

  function countCharacters(token: string): void {
    // Not ` ${token} `: reading a concatenated string of 100,000 letters by its units takes quadratic time in V8.
    const last = token.length + 1;
    for (let start = 0; start < last; start++) {
      let hash = FNV_OFFSET;
      const end = Math.min(last + 1, start + characters[1]);
      for (let i = start; i < end; i++) {
        hash = step(hash, i === 0 || i === last ? SPACE : token.charCodeAt(i - 1));
        if (i - start + 1 >= characters[0]) count(half + (spread(hash) & (half - 1)));
      }
    }
  }

  return (text) => {
    const tokens = normalisedWords(text);
    countWords(tokens);
    for (const token of tokens) countCharacters(token);
    for (let i = 0; i < size; i++) {
      found[i] = counters[used[i]!]!;
      counters[used[i]!] = 0;
    }
    const counts = { columns: used.subarray(0, size), counts: found.subarray(0, size) };
    size = 0;
    return counts;
  };
}
