/** The wide part's weights as bytes, in its file and where it is used: a weight is its byte times its output's scale. */

import { multiplyRow } from './row-product.ts';
import type { SparseRows } from './tfidf.ts';
import type { Wide } from './wide.ts';

const LARGEST = 127;

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

/** Adds the wide part's logits of every row to `logits`: [n, width]. As `addWideLogits`, on a quarter of the memory. */
export function addQuantisedLogits(
  rows: SparseRows,
  { scales, bytes }: Quantised,
  logits: Float32Array,
): void {
  const width = scales.length;
  const sums = new Float64Array(width);
  for (let row = 0; row + 1 < rows.offsets.length; row++) {
    multiplyRow(rows, row, bytes, sums);
    for (let k = 0; k < width; k++) logits[row * width + k]! += sums[k]! * scales[k]!;
  }
}
