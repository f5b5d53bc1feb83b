import { describe, expect, it } from 'vitest';
import { addOuterProduct, multiplyRow } from '../../src/classifier/row-product.ts';
import type { SparseRows } from '../../src/classifier/tfidf.ts';

/** Row `i` has `i` entries: one in each of the first `i` columns, of value column + 1. */
function triangle(rows: number): SparseRows {
  const lengths = Array.from({ length: rows }, (_, i) => i);
  const columns = lengths.flatMap((length) => Array.from({ length }, (_, column) => column));
  const offsets = Uint32Array.from({ length: rows + 1 }, (_, i) => (i * (i - 1)) / 2);
  return {
    columns: rows,
    offsets,
    indices: Uint32Array.from(columns),
    values: Float32Array.from(columns, (column) => column + 1),
  };
}

const rows = triangle(10);

describe('multiplyRow', () => {
  for (const Table of [Float64Array, Float32Array, Int8Array]) {
    it(`sums value times weights over as many entries as a row has, from a ${Table.name}`, () => {
      // Column c's weights are c and −1.
      const table = new Table(20).map((_: number, i: number) => (i % 2 === 0 ? i / 2 : -1));
      const sums = new Float64Array(2).fill(5);
      for (let n = 0; n < 10; n++) {
        multiplyRow(rows, n, table, sums);

        // Σ (c + 1) · c and −Σ (c + 1) for c < n.
        expect([...sums]).toEqual([((n - 1) * n * (n + 1)) / 3, (-n * (n + 1)) / 2].map((x) => x + 0));
      }
    });
  }
});

describe('addOuterProduct', () => {
  it('adds factor times vector at the columns of the row, for as many entries as it has', () => {
    for (let n = 0; n < 10; n++) {
      const table = new Float32Array(20).fill(100);
      const factors = Float64Array.from({ length: 10 }, (_, i) => i);
      addOuterProduct(rows, n, factors, Float32Array.of(1, -2), table);

      // Factor i stands at column i, as the row's entry i does.
      const expected = Array.from({ length: 10 }, (_, c) => (c < n ? [100 + c, 100 - 2 * c] : [100, 100]));
      expect([...table]).toEqual(expected.flat());
    }
  });
});
