/**
 * How familiar a text is: the cosine similarity of its vector to the nearest label's mean vector. A text less similar
 * than nearly all held-out texts is far from everything the classifier was trained on (another language, noise).
 */

import type { LabelledFeatures } from './features.ts';

export interface Familiarity {
  /** Unit mean vectors of the labels that have examples, row-major [labels, dim]. */
  centroids: Float32Array;
  /** Similarity below which a text counts as unfamiliar. */
  minimum: number;
}

/** Share of held-out texts that may fall below the minimum. */
const SHARE_BELOW = 0.01;

/** Similarity of each row of vectors [n, dim] to its nearest centroid: [n], −1 to 1. */
export function similarities(vectors: Float32Array, centroids: Float32Array, dim: number): Float32Array {
  const out = new Float32Array(vectors.length / dim).fill(-1);
  for (let row = 0; row < out.length; row++) {
    for (let c = 0; c < centroids.length; c += dim) {
      let dot = 0;
      for (let d = 0; d < dim; d++) dot += vectors[row * dim + d]! * centroids[c + d]!;
      if (dot > out[row]!) out[row] = dot;
    }
  }
  return out;
}

/** Centroids from the training rows, the minimum from the held-out ones. */
export function fitFamiliarity(training: LabelledFeatures, heldOut: Float32Array, dim: number): Familiarity {
  const rows = training.vectors.length / dim;
  const means: Float64Array[] = [];
  for (const { head, labels } of training.targets) {
    const width = head.labels.length;
    for (let label = 0; label < width; label++) {
      const mean = new Float64Array(dim);
      for (let row = 0; row < rows; row++) {
        if (!labels[row * width + label]) continue;
        for (let d = 0; d < dim; d++) mean[d]! += training.vectors[row * dim + d]!;
      }
      const norm = Math.hypot(...mean);
      if (norm > 0) means.push(mean.map((x) => x / norm));
    }
  }
  const centroids = new Float32Array(means.length * dim);
  for (const [i, mean] of means.entries()) centroids.set(mean, i * dim);
  const sorted = similarities(heldOut, centroids, dim).sort();
  return { centroids, minimum: sorted[Math.floor(sorted.length * SHARE_BELOW)] ?? -1 };
}
