/** TF-IDF over hashed n-grams: sparse rows whose word half and character half are unit vectors each. */

import { createNgramCounter, type NgramCounts, type NgramOptions } from '../text/ngrams.ts';

/** Rows in compressed form: row i holds the entries offsets[i] to offsets[i + 1]. */
export interface SparseRows {
  columns: number;
  /** [n + 1] */
  offsets: Uint32Array;
  /** Column of each entry. */
  indices: Uint32Array;
  values: Float32Array;
}

export interface Tfidf {
  options: NgramOptions;
  /** Inverse document frequency per bucket; 0: the bucket is not used. [buckets] */
  idf: Float32Array;
}

export const NGRAMS: NgramOptions = { words: [1, 2], characters: [2, 5], buckets: 2 ** 18 };

/** N-gram counts of every text. */
export function countNgrams(texts: readonly string[], options: NgramOptions = NGRAMS): NgramCounts[] {
  return texts.map(createNgramCounter(options));
}

/**
 * Smoothed inverse document frequencies, ln((1 + n) / (1 + df)) + 1, as scikit-learn's TfidfTransformer has them.
 * @param leastTexts Buckets met in fewer texts are not used.
 */
export function fitTfidf(
  counts: readonly NgramCounts[],
  options: NgramOptions = NGRAMS,
  leastTexts = 1,
): Tfidf {
  const frequency = new Uint32Array(options.buckets);
  for (const { buckets } of counts) for (const bucket of buckets) frequency[bucket]! += 1;
  const idf = Float32Array.from(frequency, (df) =>
    df < leastTexts ? 0 : Math.log((1 + counts.length) / (1 + df)) + 1,
  );
  return { options, idf };
}

/** Weights (1 + ln tf) · idf; each half of a row is scaled to length 1. */
export function weighNgrams(counts: readonly NgramCounts[], { options, idf }: Tfidf): SparseRows {
  const half = options.buckets / 2;
  const offsets = new Uint32Array(counts.length + 1);
  for (const [row, { buckets }] of counts.entries()) {
    let held = 0;
    for (const bucket of buckets) if (idf[bucket]! > 0) held += 1;
    offsets[row + 1] = offsets[row]! + held;
  }
  const indices = new Uint32Array(offsets[counts.length]!);
  const values = new Float32Array(indices.length);
  for (const [row, { buckets, counts: times }] of counts.entries()) {
    let at = offsets[row]!;
    let words = 0;
    let characters = 0;
    for (const [i, bucket] of buckets.entries()) {
      if (idf[bucket] === 0) continue;
      const value = (1 + Math.log(times[i]!)) * idf[bucket]!;
      if (bucket < half) words += value * value;
      else characters += value * value;
      indices[at] = bucket;
      values[at] = value;
      at += 1;
    }
    const [wordScale, characterScale] = [1 / Math.sqrt(words || 1), 1 / Math.sqrt(characters || 1)];
    for (let i = offsets[row]!; i < at; i++) values[i]! *= indices[i]! < half ? wordScale : characterScale;
  }
  return { columns: options.buckets, offsets, indices, values };
}

/** The given rows, in that order. */
export function selectRows(source: SparseRows, rows: readonly number[]): SparseRows {
  const offsets = new Uint32Array(rows.length + 1);
  for (const [i, row] of rows.entries())
    offsets[i + 1] = offsets[i]! + source.offsets[row + 1]! - source.offsets[row]!;
  const indices = new Uint32Array(offsets[rows.length]!);
  const values = new Float32Array(indices.length);
  for (const [i, row] of rows.entries()) {
    const [from, to] = [source.offsets[row]!, source.offsets[row + 1]!];
    indices.set(source.indices.subarray(from, to), offsets[i]!);
    values.set(source.values.subarray(from, to), offsets[i]!);
  }
  return { columns: source.columns, offsets, indices, values };
}
