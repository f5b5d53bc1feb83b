import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  fitLogisticRegression,
  linearLogits,
  oneHot,
  type Rows,
  softmaxRows,
} from '../../src/classifier/logistic-regression.ts';

const { logisticRegression: expected } = JSON.parse(
  readFileSync('test/fixtures/scikit-learn.json', 'utf8'),
) as {
  logisticRegression: {
    rows: number[][];
    labels: number[];
    fits: { C: number; coefficients: number[][]; intercepts: number[] }[];
  };
};
const { rows, labels } = expected;
const dense: Rows = { columns: 4, dense: Float32Array.from(rows.flat()) };
/** The same rows as entries: twice as many columns, of which every second is used. */
const sparse: Rows = {
  columns: 8,
  offsets: Uint32Array.from({ length: rows.length + 1 }, (_, i) => 4 * i),
  indices: Uint32Array.from(rows.flatMap(() => [0, 2, 4, 6])),
  values: Float32Array.from(rows.flat()),
};
const targets = oneHot(labels, 3);
const exact = { maxIterations: 2_000, tolerance: 1e-9 };

describe('fitLogisticRegression', () => {
  it.each(expected.fits)(
    'finds the weights that scikit-learn finds, C = $C',
    ({ C, coefficients, intercepts }) => {
      const { weights } = fitLogisticRegression(dense, targets, 3, { C, ...exact });

      for (let c = 0; c < 3; c++) {
        for (let d = 0; d < 4; d++) expect(weights[d * 3 + c]).toBeCloseTo(coefficients[c]![d]!, 4);
        // Intercepts are fixed up to a common shift.
        const shift = weights[12]! - intercepts[0]!;
        expect(weights[12 + c]! - shift).toBeCloseTo(intercepts[c]!, 4);
      }
    },
  );

  it('fits labels on their own like two-class regressions on each', () => {
    const both = fitLogisticRegression(dense, targets, 3, { C: 1, link: 'sigmoid', ...exact });
    const first = labels.map((label) => (label === 0 ? 1 : 0));
    // A softmax over two classes penalises two rows of weights, so it needs twice the penalty of one sigmoid.
    const two = fitLogisticRegression(dense, oneHot(first, 2), 2, { C: 0.5, ...exact });

    for (let d = 0; d < 4; d++)
      expect(two.weights[d * 2 + 1]! - two.weights[d * 2]!).toBeCloseTo(both.weights[d * 3]!, 4);
  });

  it('finds the same for sparse rows', () => {
    const C = 10;
    const a = softmaxRows(linearLogits(dense, fitLogisticRegression(dense, targets, 3, { C, ...exact })), 3);
    const b = softmaxRows(
      linearLogits(sparse, fitLogisticRegression(sparse, targets, 3, { C, ...exact })),
      3,
    );

    for (const [i, p] of b.entries()) expect(p).toBeCloseTo(a[i]!, 5);
  });
});
