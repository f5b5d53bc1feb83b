/**
 * Logistic regression over sparse rows, fitted row by row with AdaGrad (Duchi, Hazan and Singer 2011). Beside the exact
 * fit in `classifier/logistic-regression.ts` it is what an audit can afford: all labels of a head in one pass over the
 * rows, a handful of passes, 50,000 texts in seconds.
 */

import { multiplyRow } from '../classifier/row-product.ts';
import type { HeadTargets } from '../classifier/targets.ts';
import type { SparseRows } from '../classifier/tfidf.ts';
import type { Random } from '../random.ts';

const LEARNING_RATE = 0.2;
/** Keeps the first steps finite. */
const FIRST_SQUARE = 1e-3;
/** An error this small moves nothing: most labels of most rows are settled after one pass. */
const SETTLED = 0.01;

export interface Regression {
  /** Probability of each label for one row, into `out`. One-of heads: softmax; multi-label heads: each on its own. */
  predict(row: number, out: Float64Array): void;
}

/** In place: logits to probabilities. */
function link(values: Float64Array, isOneOf: boolean): void {
  if (!isOneOf) {
    for (let c = 0; c < values.length; c++) values[c] = 1 / (1 + Math.exp(-values[c]!));
    return;
  }
  const top = values.reduce((a, b) => Math.max(a, b));
  let sum = 0;
  for (let c = 0; c < values.length; c++) sum += values[c] = Math.exp(values[c]! - top);
  for (let c = 0; c < values.length; c++) values[c]! /= sum;
}

/** Fits one head on the given rows. @param passes Times that each row is read. */
export function fitRegression(
  data: SparseRows,
  { head, labels }: HeadTargets,
  rows: readonly number[],
  passes: number,
  random: Random,
): Regression {
  const width = head.labels.length;
  const isOneOf = head.kind === 'one-of';
  const { offsets, indices, values } = data;
  // The last row of each is the intercept.
  const weights = new Float32Array((data.columns + 1) * width);
  const squares = new Float32Array(weights.length).fill(FIRST_SQUARE);
  const errors = new Float64Array(width);

  function predict(row: number, out: Float64Array): void {
    multiplyRow(data, row, weights, out);
    for (let c = 0; c < width; c++) out[c]! += weights[data.columns * width + c]!;
    link(out, isOneOf);
  }

  function step(at: number, value: number): void {
    for (let c = 0; c < width; c++) {
      const gradient = errors[c]! * value;
      if (gradient === 0) continue;
      squares[at + c]! += gradient * gradient;
      weights[at + c]! -= (LEARNING_RATE * gradient) / Math.sqrt(squares[at + c]!);
    }
  }

  for (let pass = 0; pass < passes; pass++) {
    for (const row of random.shuffle(rows)) {
      predict(row, errors);
      let isSettled = true;
      for (let c = 0; c < width; c++) {
        const error = errors[c]! - labels[row * width + c]!;
        errors[c] = Math.abs(error) < SETTLED ? 0 : error;
        if (errors[c] !== 0) isSettled = false;
      }
      if (isSettled) continue;
      for (let i = offsets[row]!; i < offsets[row + 1]!; i++) step(indices[i]! * width, values[i]!);
      step(data.columns * width, 1);
    }
  }
  return { predict };
}
