/** What the classifier sees of a text, the encoder's vector and the weighted n-grams, and what is known of it. */

import { type HeadTargets, selectTargets } from './targets.ts';
import { type SparseRows, selectRows } from './tfidf.ts';

export interface Features {
  /** Unit vectors, row-major [n, dim]. */
  vectors: Float32Array;
  /** [n, columns]; no columns where the classifier uses vectors alone. */
  ngrams: SparseRows;
}

/** The given rows, in that order. */
export function selectFeatures(features: Features, rows: readonly number[], dim: number): Features {
  const vectors = new Float32Array(rows.length * dim);
  for (const [i, row] of rows.entries())
    vectors.set(features.vectors.subarray(row * dim, (row + 1) * dim), i * dim);
  return { vectors, ngrams: selectRows(features.ngrams, rows) };
}

/** Features with what is known of each row. */
export interface LabelledFeatures extends Features {
  targets: HeadTargets[];
}

/** The given rows, in that order. */
export function selectLabelled(
  data: LabelledFeatures,
  rows: readonly number[],
  dim: number,
): LabelledFeatures {
  return {
    ...selectFeatures(data, rows, dim),
    targets: data.targets.map((targets) => selectTargets(targets, rows)),
  };
}
