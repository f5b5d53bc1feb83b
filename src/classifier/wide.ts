/**
 * The wide part of the classifier (Cheng et al. 2016, "Wide & Deep Learning for Recommender Systems"): one weight per
 * n-gram and output, added to the network's logits and trained with it. TensorFlow.js has no sparse product, so the
 * product and its update are written out here; the update is Adagrad (Duchi, Hazan and Singer 2011), whose step for a
 * rare n-gram stays large, with one sum of squared gradients per n-gram, as is usual for embedding tables.
 */

import type { Random } from '../random.ts';
import { addOuterProduct, multiplyRow } from './row-product.ts';
import { type SparseRows, selectRows } from './tfidf.ts';

export interface Wide {
  columns: number;
  /** Outputs: the labels of all heads. */
  width: number;
  /** Row-major [columns, width]. */
  weights: Float32Array;
}

export const emptyWide = (columns: number, width: number): Wide => ({
  columns,
  width,
  weights: new Float32Array(columns * width),
});

/** Adds the wide part's logits of every row to `logits`: [n, width]. */
export function addWideLogits(rows: SparseRows, { width, weights }: Wide, logits: Float32Array): void {
  const sums = new Float64Array(width);
  for (let row = 0; row + 1 < rows.offsets.length; row++) {
    multiplyRow(rows, row, weights, sums);
    for (let k = 0; k < width; k++) logits[row * width + k]! += sums[k]!;
  }
}

export interface WideTrainingOptions {
  wideLearningRate: number;
  /** Share of a text's n-grams left out of each step, below 1, so that no few of them carry a label. */
  wideDropout: number;
}

export interface WideTrainer {
  readonly wide: Wide;
  /** Logits [rows.length, width] of the given rows, with dropout; then `step` takes their gradient. */
  forward(rows: readonly number[]): { logits: Float32Array; step: (gradient: Float32Array) => void };
}

const EPSILON = 1e-6;

/** The given rows, with entries left out at random and the others scaled up, so that a row's expected product stays. */
function drawRows(source: SparseRows, rows: readonly number[], share: number, random: Random): SparseRows {
  if (share === 0) return selectRows(source, rows);
  const most = rows.reduce((sum, row) => sum + source.offsets[row + 1]! - source.offsets[row]!, 0);
  const offsets = new Uint32Array(rows.length + 1);
  const indices = new Uint32Array(most);
  const values = new Float32Array(most);
  // How many entries are left out before the next that is kept is geometrically distributed: one draw for each kept.
  const leftOut = () => Math.floor(Math.log(1 - random.next()) / Math.log(share));
  let at = 0;
  for (const [k, row] of rows.entries()) {
    for (let i = source.offsets[row]! + leftOut(); i < source.offsets[row + 1]!; i += 1 + leftOut()) {
      indices[at] = source.indices[i]!;
      values[at] = source.values[i]! / (1 - share);
      at += 1;
    }
    offsets[k + 1] = at;
  }
  return { columns: source.columns, offsets, indices, values };
}

/** A wide part of zeros with its optimiser, over the training rows' n-grams. */
export function createWideTrainer(
  ngrams: SparseRows,
  width: number,
  { wideLearningRate, wideDropout }: WideTrainingOptions,
  random: Random,
): WideTrainer {
  const wide = emptyWide(ngrams.columns, width);
  const { weights } = wide;
  const squares = new Float32Array(ngrams.columns);
  const lengths = ngrams.offsets.subarray(1).map((end, row) => end - ngrams.offsets[row]!);
  const steps = new Float64Array(lengths.reduce((a, b) => Math.max(a, b), 0));

  /** The step of one row's entries by the gradient of its logits. */
  function stepRow(batch: SparseRows, row: number, gradient: Float32Array): void {
    const meanSquare = gradient.reduce((sum, g) => sum + g * g, 0) / width;
    const [from, to] = [batch.offsets[row]!, batch.offsets[row + 1]!];
    for (let i = from; i < to; i++) {
      const column = batch.indices[i]!;
      const value = batch.values[i]!;
      squares[column]! += value * value * meanSquare;
      steps[i - from] = (-wideLearningRate * value) / Math.sqrt(squares[column]! + EPSILON);
    }
    addOuterProduct(batch, row, steps, gradient, weights);
  }

  return {
    wide,
    forward(rows) {
      const batch = drawRows(ngrams, rows, wideDropout, random);
      const logits = new Float32Array(rows.length * width);
      addWideLogits(batch, wide, logits);
      const step = (gradient: Float32Array) => {
        for (let row = 0; row < rows.length; row++)
          stepRow(batch, row, gradient.subarray(row * width, (row + 1) * width));
      };
      return { logits, step };
    },
  };
}
