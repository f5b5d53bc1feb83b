/** Texts as sets of hashed word n-grams, in typed arrays: 50,000 articles fit in some hundred megabytes. */

import { normalisedWords } from '../text/normalise.ts';

/** FNV-1a over UTF-16 code units, 32 bits. */
function hashWord(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** The finaliser of MurmurHash3: every bit of the value moves every bit of the hash. */
export function mix(value: number): number {
  let h = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A hash of each word of a text after normalisation, in order: [words]. */
export function hashWords(text: string): Uint32Array {
  return Uint32Array.from(normalisedWords(text), hashWord);
}

/** Hash of the `length` words from `start`, 32 bits. */
export function hashRun(words: Uint32Array, start: number, length: number, seed = 0): number {
  let hash = seed;
  for (let i = start; i < start + length; i++) hash = mix(Math.imul(hash, 0x01000193) ^ words[i]!);
  return hash;
}

/** Words per shingle. */
const SHINGLE = 3;

/** The set of a text's shingles, ascending; a text shorter than one shingle has itself as its only one. */
export function shingles(words: Uint32Array): Uint32Array {
  const length = Math.min(SHINGLE, words.length);
  const all = new Uint32Array(words.length - length + 1);
  for (let i = 0; i < all.length; i++) all[i] = hashRun(words, i, length);
  all.sort();
  let size = 0;
  for (const hash of all) if (size === 0 || hash !== all[size - 1]) all[size++] = hash;
  return all.slice(0, size);
}

/** Jaccard index of two ascending sets, 0 to 1. */
export function jaccard(a: Uint32Array, b: Uint32Array): number {
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [x, y] = [a[i]!, b[j]!];
    if (x === y) shared += 1;
    if (x <= y) i += 1;
    if (y <= x) j += 1;
  }
  return shared / (a.length + b.length - shared);
}
