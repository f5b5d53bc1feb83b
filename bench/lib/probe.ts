/**
 * The classification protocol of MTEB (Muennighoff et al. 2023): logistic regression on frozen features of a few
 * training rows per label, repeated over random draws; and the same on all of them.
 */

import {
  fitLogisticRegression,
  linearLogits,
  oneHot,
  type Rows,
} from '../../src/classifier/logistic-regression.ts';
import { selectRows } from '../../src/classifier/tfidf.ts';
import { seededRandom } from '../../src/random.ts';

export interface Score {
  accuracy: number;
  macroF1: number;
}

/** Mean with half the width of its 95 % interval. */
export interface Estimate {
  mean: number;
  margin: number;
}

/** Takes rows of features by index. */
export function takeRows(features: Rows, rows: readonly number[]): Rows {
  if (!('dense' in features)) return selectRows(features, rows);
  const { columns, dense } = features;
  const out = new Float32Array(rows.length * columns);
  for (const [i, row] of rows.entries())
    out.set(dense.subarray(row * columns, (row + 1) * columns), i * columns);
  return { columns, dense: out };
}

export function scorePredictions(
  predicted: readonly number[],
  actual: readonly number[],
  classes: number,
): Score {
  const tp = new Array<number>(classes).fill(0);
  const fp = [...tp];
  const fn = [...tp];
  for (const [i, p] of predicted.entries()) {
    if (p === actual[i]) tp[p]! += 1;
    else {
      fp[p]! += 1;
      fn[actual[i]!]! += 1;
    }
  }
  const f1 = tp.flatMap((t, c) => (t + fn[c]! === 0 ? [] : [(2 * t) / (2 * t + fp[c]! + fn[c]!)]));
  return {
    accuracy: tp.reduce((a, b) => a + b, 0) / predicted.length,
    macroF1: f1.reduce((a, b) => a + b, 0) / f1.length,
  };
}

/** Class of highest logit for each row. */
export function predict(train: Rows, labels: readonly number[], test: Rows, classes: number, C: number) {
  const model = fitLogisticRegression(train, oneHot(labels, classes), classes, { C });
  const logits = linearLogits(test, model);
  return Array.from({ length: logits.length / classes }, (_, row) => {
    const own = logits.subarray(row * classes, (row + 1) * classes);
    return own.indexOf(Math.max(...own));
  });
}

/** Indices of `perLabel` random rows of each label (all of a label that has fewer). */
export function drawRows(
  labels: readonly number[],
  classes: number,
  perLabel: number,
  seed: number,
): number[] {
  const order = seededRandom(seed).shuffle(labels.map((_, i) => i));
  const taken = new Array<number>(classes).fill(0);
  return order.filter((row) => taken[labels[row]!]!++ < perLabel);
}

/** Mean of repeated measurements; interval of the normal approximation. */
export function estimate(values: readonly number[]): Estimate {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, values.length - 1);
  return { mean, margin: 1.96 * Math.sqrt(variance / values.length) };
}

/** Interval of a share that was measured once on `n` rows, or of a macro F1 by the same approximation. */
export const singleEstimate = (value: number, n: number): Estimate => ({
  mean: value,
  margin: 1.96 * Math.sqrt((value * (1 - value)) / n),
});

/** The strength of the penalty that serves best on a tenth of the training rows. */
export function chooseC(
  features: Rows,
  labels: readonly number[],
  classes: number,
  candidates: readonly number[],
): number {
  const order = seededRandom(7)
    .shuffle(labels.map((_, i) => i))
    .slice(0, 5_000);
  const cut = Math.floor(order.length / 5);
  const [held, used] = [order.slice(0, cut), order.slice(cut)];
  const [heldRows, usedRows] = [takeRows(features, held), takeRows(features, used)];
  const label = (rows: number[]) => rows.map((row) => labels[row]!);
  const scores = candidates.map(
    (C) =>
      scorePredictions(predict(usedRows, label(used), heldRows, classes, C), label(held), classes).macroF1,
  );
  return candidates[scores.indexOf(Math.max(...scores))]!;
}
