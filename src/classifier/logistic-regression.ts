/**
 * Logistic regression with an L2 penalty, fitted by L-BFGS (Liu and Nocedal 1989): the yardstick beside the network, in
 * the probe of encoders, in the baselines and in the audit. Objective as in scikit-learn: C · Σ loss + ½‖W‖², the
 * intercepts free.
 */

import { addOuterProduct, multiplyRow } from './row-product.ts';
import type { SparseRows } from './tfidf.ts';

/** Rows [n, columns], dense or sparse. */
export type Rows = { columns: number; dense: Float32Array } | SparseRows;

export interface LogisticRegression {
  classes: number;
  columns: number;
  /** Row-major [columns, classes], then the intercepts [classes]. */
  weights: Float64Array;
}

export interface LogisticRegressionOptions {
  /** `softmax`: one class a row. `sigmoid`: any number of labels a row, each on its own. */
  link?: 'softmax' | 'sigmoid';
  /** Inverse strength of the penalty. */
  C?: number;
  maxIterations?: number;
  /** Stops where the largest component of the gradient, per row, is below this. */
  tolerance?: number;
}

export const rowCount = (rows: Rows) =>
  'dense' in rows ? rows.dense.length / rows.columns : rows.offsets.length - 1;

/** Writes row · weights into `logits`: [classes]. */
function multiply(rows: Rows, row: number, weights: Float64Array, logits: Float64Array): void {
  if (!('dense' in rows)) {
    multiplyRow(rows, row, weights, logits);
    return;
  }
  logits.fill(0);
  for (let column = 0; column < rows.columns; column++) {
    const value = rows.dense[row * rows.columns + column]!;
    const at = column * logits.length;
    for (let c = 0; c < logits.length; c++) logits[c]! += value * weights[at + c]!;
  }
}

/** Adds the outer product of a row and its errors [classes] to the gradient. */
function addGradient(rows: Rows, row: number, errors: Float64Array, gradient: Float64Array): void {
  if (!('dense' in rows)) {
    const values = rows.values.subarray(rows.offsets[row]!, rows.offsets[row + 1]!);
    addOuterProduct(rows, row, values, errors, gradient);
    return;
  }
  for (let column = 0; column < rows.columns; column++) {
    const value = rows.dense[row * rows.columns + column]!;
    const at = column * errors.length;
    for (let c = 0; c < errors.length; c++) gradient[at + c]! += value * errors[c]!;
  }
}

/** Logits [n, classes]. */
export function linearLogits(rows: Rows, { classes, columns, weights }: LogisticRegression): Float64Array {
  const n = rowCount(rows);
  const out = new Float64Array(n * classes);
  for (let row = 0; row < n; row++) {
    const own = out.subarray(row * classes, (row + 1) * classes);
    multiply(rows, row, weights, own);
    for (let c = 0; c < classes; c++) own[c]! += weights[columns * classes + c]!;
  }
  return out;
}

/** Softmax over each row of logits [n, classes], in place. */
export function softmaxRows(logits: Float64Array, classes: number): Float64Array {
  for (let start = 0; start < logits.length; start += classes) {
    let top = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) top = Math.max(top, logits[start + c]!);
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += logits[start + c] = Math.exp(logits[start + c]! - top);
    for (let c = 0; c < classes; c++) logits[start + c]! /= sum;
  }
  return logits;
}

/** Sigmoid of every logit, in place. */
export function sigmoidAll(logits: Float64Array): Float64Array {
  for (let i = 0; i < logits.length; i++) logits[i] = 1 / (1 + Math.exp(-logits[i]!));
  return logits;
}

/** One row of `classes` numbers per label, 1 at the label: [n, classes]. */
export function oneHot(labels: readonly number[], classes: number): Uint8Array {
  const out = new Uint8Array(labels.length * classes);
  for (const [row, label] of labels.entries()) out[row * classes + label] = 1;
  return out;
}

/** Fits weights to targets [n, classes], each 0 or 1. */
export function fitLogisticRegression(
  rows: Rows,
  targets: Uint8Array,
  classes: number,
  { C = 1, link = 'softmax', maxIterations = 100, tolerance = 1e-4 }: LogisticRegressionOptions = {},
): LogisticRegression {
  // Columns that no row uses would stay at zero, and cost most of the time.
  const { compact, used } = compactColumns(rows);
  const n = rowCount(compact);
  const { columns } = compact;
  const model: LogisticRegression = { classes, columns, weights: new Float64Array((columns + 1) * classes) };

  // Divided by C · n, so that the tolerance does not depend on the number of rows.
  function objective(weights: Float64Array, gradient: Float64Array): number {
    const logits = linearLogits(compact, { ...model, weights });
    const probabilities = link === 'softmax' ? softmaxRows(logits, classes) : sigmoidAll(logits);
    gradient.fill(0);
    let loss = 0;
    for (let row = 0; row < n; row++) {
      const base = row * classes;
      for (let i = base; i < base + classes; i++) {
        const p = probabilities[i]!;
        if (targets[i]) loss -= Math.log(Math.max(p, 1e-300));
        else if (link === 'sigmoid') loss -= Math.log(Math.max(1 - p, 1e-300));
        probabilities[i] = p - targets[i]!;
      }
      addGradient(compact, row, probabilities.subarray(base, base + classes), gradient);
      for (let c = 0; c < classes; c++) gradient[columns * classes + c]! += probabilities[base + c]!;
    }
    const penalty = 1 / (C * n);
    let squares = 0;
    for (let i = 0; i < columns * classes; i++) {
      squares += weights[i]! * weights[i]!;
      gradient[i] = gradient[i]! / n + penalty * weights[i]!;
    }
    for (let i = columns * classes; i < gradient.length; i++) gradient[i]! /= n;
    return loss / n + (penalty / 2) * squares;
  }

  minimise(objective, model.weights, maxIterations, tolerance);
  if (used === undefined) return model;
  const weights = new Float64Array((rows.columns + 1) * classes);
  for (const [i, column] of [...used, rows.columns].entries())
    weights.set(model.weights.subarray(i * classes, (i + 1) * classes), column * classes);
  return { classes, columns: rows.columns, weights };
}

/** Sparse rows over the columns they use alone, and which those are. */
function compactColumns(rows: Rows): { compact: Rows; used?: Uint32Array } {
  if ('dense' in rows) return { compact: rows };
  const position = new Uint32Array(rows.columns);
  for (const column of rows.indices) position[column] = 1;
  const used = Uint32Array.from(position.keys()).filter((column) => position[column] === 1);
  for (const [i, column] of used.entries()) position[column] = i;
  const indices = rows.indices.map((column) => position[column]!);
  return { compact: { ...rows, columns: used.length, indices }, used };
}

type Objective = (point: Float64Array, gradient: Float64Array) => number;

const dot = (a: Float64Array, b: Float64Array) => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

/** Corrections kept by L-BFGS. */
const MEMORY = 10;

/** L-BFGS with a backtracking line search (Nocedal and Wright 2006, algorithms 7.4 and 3.1), in place. */
function minimise(objective: Objective, point: Float64Array, maxIterations: number, tolerance: number): void {
  let gradient = new Float64Array(point.length);
  let value = objective(point, gradient);
  const pairs: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    if (gradient.every((g) => Math.abs(g) <= tolerance)) return;
    const direction = twoLoop(gradient, pairs);
    const slope = dot(direction, gradient);
    let rate = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
    const next = new Float64Array(point.length);
    const nextGradient = new Float64Array(point.length);
    let nextValue: number;
    for (;;) {
      for (let i = 0; i < point.length; i++) next[i] = point[i]! + rate * direction[i]!;
      nextValue = objective(next, nextGradient);
      if (nextValue <= value + 1e-4 * rate * slope) break;
      rate /= 2;
      if (rate < 1e-10) return;
    }
    const s = next.map((x, i) => x - point[i]!);
    const y = nextGradient.map((g, i) => g - gradient[i]!);
    const sy = dot(s, y);
    if (sy > 1e-12) {
      pairs.push({ s, y, rho: 1 / sy });
      if (pairs.length > MEMORY) pairs.shift();
    }
    point.set(next);
    gradient = nextGradient;
    value = nextValue;
  }
}

/** The direction −H·gradient, H approximated from the last corrections. */
function twoLoop(
  gradient: Float64Array,
  pairs: { s: Float64Array; y: Float64Array; rho: number }[],
): Float64Array {
  const direction = gradient.map((g) => -g);
  const alphas: number[] = [];
  for (const { s, y, rho } of [...pairs].reverse()) {
    const alpha = rho * dot(s, direction);
    for (let i = 0; i < direction.length; i++) direction[i]! -= alpha * y[i]!;
    alphas.unshift(alpha);
  }
  const last = pairs.at(-1);
  if (last) {
    const scale = dot(last.s, last.y) / dot(last.y, last.y);
    for (let i = 0; i < direction.length; i++) direction[i]! *= scale;
  }
  for (const [k, { s, y, rho }] of pairs.entries()) {
    const beta = rho * dot(y, direction);
    for (let i = 0; i < direction.length; i++) direction[i]! += (alphas[k]! - beta) * s[i]!;
  }
  return direction;
}
