/** The wide part's weights as bytes, in its file and where it is used: a weight is its byte times its output's scale. */

import type { SparseRows } from './tfidf.ts';
import type { Wide } from './wide.ts';

const LARGEST = 127;
/** Entries of a row that are added in one go. */
const ABREAST = 4;

export interface Quantised {
  /** [width] */
  scales: Float32Array;
  /** [columns, width] */
  bytes: Int8Array;
}

/** Each output's scale is chosen so that its largest weight becomes ±127. */
export function quantise({ width, weights }: Wide): Quantised {
  const scales = new Float32Array(width);
  for (let at = 0; at < weights.length; at += width) {
    for (let k = 0; k < width; k++) scales[k] = Math.max(scales[k]!, Math.abs(weights[at + k]!) / LARGEST);
  }
  const quantised = new Int8Array(weights.length);
  for (let at = 0; at < weights.length; at += width) {
    for (let k = 0; k < width; k++) quantised[at + k] = Math.round(weights[at + k]! / (scales[k]! || 1));
  }
  return { scales, bytes: quantised };
}

export function dequantise({ scales, bytes: quantised }: Quantised, width: number): Float32Array {
  const weights = new Float32Array(quantised.length);
  for (let at = 0; at < weights.length; at += width) {
    for (let k = 0; k < width; k++) weights[at + k] = quantised[at + k]! * scales[k]!;
  }
  return weights;
}

/**
 * Adds the wide part's logits of every row to `logits`: [n, width]. As `addWideLogits`, on a quarter of the memory: a
 * text's weights lie scattered, and fetching them takes longer than the products. Four entries abreast, so
 * that their weights are fetched at the same time.
 */
export function addQuantisedLogits(
  { offsets, indices, values }: SparseRows,
  { scales, bytes }: Quantised,
  logits: Float32Array,
): void {
  const width = scales.length;
  const sums = new Float64Array(width);
  for (let row = 0; row + 1 < offsets.length; row++) {
    sums.fill(0);
    const end = offsets[row + 1]!;
    let i = offsets[row]!;
    for (; i + ABREAST <= end; i += ABREAST) {
      const value0 = values[i]!;
      const value1 = values[i + 1]!;
      const value2 = values[i + 2]!;
      const value3 = values[i + 3]!;
      const at0 = indices[i]! * width;
      const at1 = indices[i + 1]! * width;
      const at2 = indices[i + 2]! * width;
      const at3 = indices[i + 3]! * width;
      for (let k = 0; k < width; k++) {
        sums[k]! +=
          value0 * bytes[at0 + k]! +
          value1 * bytes[at1 + k]! +
          value2 * bytes[at2 + k]! +
          value3 * bytes[at3 + k]!;
      }
    }
    for (; i < end; i++) {
      const value = values[i]!;
      const at = indices[i]! * width;
      for (let k = 0; k < width; k++) sums[k]! += value * bytes[at + k]!;
    }
    for (let k = 0; k < width; k++) logits[row * width + k]! += sums[k]! * scales[k]!;
  }
}
