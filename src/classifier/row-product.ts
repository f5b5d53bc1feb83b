/**
 * Products of sparse rows with tables of weights [columns, width]. A text's weights lie scattered over the table, and
 * fetching them takes longer than the products: four entries go abreast, so that theirs are fetched at the same time.
 */

import type { SparseRows } from './tfidf.ts';

/** Entries of a row that are taken in one go. */
const ABREAST = 4;

/** Writes the product of one row and the table into `sums`: [width]. */
export function multiplyRow(
  { offsets, indices, values }: SparseRows,
  row: number,
  table: Float64Array | Float32Array | Int8Array,
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

/**
 * Adds the outer product of one row's entries and a vector [width] to the table.
 * @param factors What stands for the values of the row's entries: the first of them for its first.
 */
export function addOuterProduct(
  { offsets, indices }: SparseRows,
  row: number,
  factors: Float64Array | Float32Array,
  vector: Float64Array | Float32Array,
  table: Float64Array | Float32Array,
): void {
  const width = vector.length;
  const start = offsets[row]!;
  const length = offsets[row + 1]! - start;
  let i = 0;
  for (; i + ABREAST <= length; i += ABREAST) {
    const factor0 = factors[i]!;
    const factor1 = factors[i + 1]!;
    const factor2 = factors[i + 2]!;
    const factor3 = factors[i + 3]!;
    const at0 = indices[start + i]! * width;
    const at1 = indices[start + i + 1]! * width;
    const at2 = indices[start + i + 2]! * width;
    const at3 = indices[start + i + 3]! * width;
    for (let k = 0; k < width; k++) {
      const x = vector[k]!;
      table[at0 + k]! += factor0 * x;
      table[at1 + k]! += factor1 * x;
      table[at2 + k]! += factor2 * x;
      table[at3 + k]! += factor3 * x;
    }
  }
  for (; i < length; i++) {
    const factor = factors[i]!;
    const at = indices[start + i]! * width;
    for (let k = 0; k < width; k++) table[at + k]! += factor * vector[k]!;
  }
}
