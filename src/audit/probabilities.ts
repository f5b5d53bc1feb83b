/** Probabilities of every label for every article, each from a fit that did not see the article or one like it. */

import type { HeadTargets } from '../classifier/targets.ts';
import { createNgramWeigher, fitTfidf, leastTexts, type SparseRows } from '../classifier/tfidf.ts';
import { seededRandom } from '../random.ts';
import type { NgramOptions } from '../text/ngrams.ts';
import { fitRegression } from './regression.ts';

/** Single words: they tell topics apart as well as longer n-grams do, at a tenth of the time. No characters. */
const WORDS: NgramOptions = { words: [1, 1], characters: [1, 0], buckets: 2 ** 19 };

/** TF-IDF of words: [n, columns]. */
export function wordRows(texts: readonly string[]): SparseRows {
  return createNgramWeigher(fitTfidf(texts, leastTexts(texts.length), WORDS))(texts);
}

/** The same rows with the encoder's unit vectors [n, dim] as further columns. */
export function withVectors(rows: SparseRows, vectors: Float32Array, dim: number): SparseRows {
  const n = rows.offsets.length - 1;
  const offsets = new Uint32Array(n + 1);
  const indices = new Uint32Array(rows.indices.length + n * dim);
  const values = new Float32Array(indices.length);
  let at = 0;
  for (let row = 0; row < n; row++) {
    const [from, to] = [rows.offsets[row]!, rows.offsets[row + 1]!];
    indices.set(rows.indices.subarray(from, to), at);
    values.set(rows.values.subarray(from, to), at);
    at += to - from;
    for (let d = 0; d < dim; d++) indices[at + d] = rows.columns + d;
    values.set(vectors.subarray(row * dim, (row + 1) * dim), at);
    at += dim;
    offsets[row + 1] = at;
  }
  return { columns: rows.columns + dim, offsets, indices, values };
}

/** Rows read in one fit, over all its passes: fewer rows are read more often. */
const ROWS_READ = 50_000;
const PASSES = [4, 20] as const;

export interface CrossValidation {
  data: SparseRows;
  targets: readonly HeadTargets[];
  /** Fold of each row; near-duplicates must share one. */
  folds: readonly number[];
  seed: number;
  onProgress?: (done: number, total: number) => void;
}

/** Probabilities [n, labels] of each head. Rows that do not know a head are not learnt from; they are predicted all the same. */
export function crossValidate({ data, targets, folds, seed, onProgress }: CrossValidation): Float32Array[] {
  const count = folds.reduce((a, b) => Math.max(a, b), 0) + 1;
  const passes = Math.round(Math.min(PASSES[1], Math.max(PASSES[0], ROWS_READ / folds.length)));
  let done = 0;
  return targets.map((head) => {
    const width = head.head.labels.length;
    const probabilities = new Float32Array(folds.length * width);
    const out = new Float64Array(width);
    for (let fold = 0; fold < count; fold++) {
      const random = seededRandom(seed + fold);
      const rows = folds.flatMap((own, row) => (own !== fold && head.known[row] === 1 ? [row] : []));
      const { predict } = fitRegression(data, head, rows, passes, random);
      for (const [row, own] of folds.entries()) {
        if (own !== fold) continue;
        predict(row, out);
        probabilities.set(out, row * width);
      }
      onProgress?.(++done, count * targets.length);
    }
    return probabilities;
  });
}
