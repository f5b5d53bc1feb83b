/**
 * The product of a sparse row with a table of weights. A text's weights lie scattered over the table, and fetching them
 * takes longer than the products: four entries go abreast, so that theirs are fetched at the same time.
 */

import type { SparseRows } from './tfidf.ts';

/** Entries of a row that are taken in one go. */
export const ABREAST = 4;

/**
 * Writes the product of one row into `sums`: [width].
 * @param table Row-major [columns, width].
 */
export function multiplyRow(
  { offsets, indices, values }: SparseRows,
  row: number,
  table: Float32Array | Int8Array,
  sums: Float64Array,
): void {
  const width = sums.length;
  const end = offsets[row + 1]!;
  let i = offsets[row]!;
  sums.fill(0);
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
        value0 * table[at0 + k]! +
        value1 * table[at1 + k]! +
        value2 * table[at2 + k]! +
        value3 * table[at3 + k]!;
    }
  }
  for (; i < end; i++) {
    const value = values[i]!;
    const at = indices[i]! * width;
    for (let k = 0; k < width; k++) sums[k]! += value * table[at + k]!;
  }
}
