/**
 * N-grams as they are saved: buckets (u32 × columns) · idf (f32 × columns) · scales (f32 × width) · weights
 * (i8 × columns × width), little-endian. A weight is its byte times its output's scale: a quarter of the size, and
 * far finer than the noise of training.
 */

import type { NgramOptions } from '../text/ngrams.ts';
import { dequantise, quantise } from './quantise.ts';
import type { Tfidf } from './tfidf.ts';
import type { Wide } from './wide.ts';

/** Bytes of a typed array. */
const bytes = (array: Uint32Array | Float32Array | Int8Array) =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength);

/** The wide part as it will be read back from its file. */
export const roundWide = (wide: Wide): Wide => ({ ...wide, weights: dequantise(quantise(wide), wide.width) });

export function writeNgrams({ buckets, idf }: Tfidf, wide: Wide): Buffer {
  const { scales, bytes: quantised } = quantise(wide);
  return Buffer.concat([buckets, idf, scales, quantised].map(bytes));
}

/** @param columns Number of n-grams in the file. */
export function readNgrams(
  content: Buffer,
  options: NgramOptions,
  columns: number,
  width: number,
): { tfidf: Tfidf; wide: Wide } {
  // Copied, for typed arrays must begin at multiples of their item size.
  const { buffer } = new Uint8Array(content);
  const buckets = new Uint32Array(buffer, 0, columns);
  const idf = new Float32Array(buffer, 4 * columns, columns);
  const scales = new Float32Array(buffer, 8 * columns, width);
  const quantised = new Int8Array(buffer, 8 * columns + 4 * width, columns * width);
  const weights = dequantise({ scales, bytes: quantised }, width);
  const { words, characters, buckets: count } = options;
  return {
    tfidf: { options: { words, characters, buckets: count }, buckets, idf },
    wide: { columns, width, weights },
  };
}
