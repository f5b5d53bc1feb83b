/** How a label fares at every threshold, not only at its own. */

import { tiedGroups } from './ranking.ts';

export interface CurvePoint {
  threshold: number;
  precision: number;
  recall: number;
}

export interface SweepPoint extends CurvePoint {
  f1: number;
}

/**
 * Precision and recall at every distinct score as the threshold, by falling score, as scikit-learn's
 * `precision_recall_curve` without its closing point; empty without positives.
 */
export function precisionRecallCurve(scores: ArrayLike<number>, positive: ArrayLike<number>): CurvePoint[] {
  let positives = 0;
  for (let i = 0; i < positive.length; i++) positives += positive[i] ? 1 : 0;
  if (positives === 0) return [];
  let taken = 0;
  let found = 0;
  return Array.from(tiedGroups(scores), (group) => {
    taken += group.length;
    found += group.filter((i) => positive[i]).length;
    return { threshold: scores[group[0]!]!, precision: found / taken, recall: found / positives };
  });
}

/** The points up to the first at which every positive is found; lower thresholds only lose precision. */
export function untilComplete(points: readonly CurvePoint[]): CurvePoint[] {
  const complete = points.findIndex(({ recall }) => recall === 1);
  return points.slice(0, complete < 0 ? undefined : complete + 1);
}

/** At most `most` points of a curve, evenly drawn, with its first and its last. */
export function thinCurve<T>(points: readonly T[], most: number): T[] {
  if (points.length <= most) return [...points];
  return Array.from({ length: most }, (_, i) => points[Math.round((i * (points.length - 1)) / (most - 1))]!);
}

/** Thresholds of a sweep: 0.02, 0.04, … 0.98. */
const STEPS = 50;

/** Precision, recall and F1 at evenly spaced thresholds; 0 where nothing reaches the threshold. */
export function thresholdSweep(scores: ArrayLike<number>, positive: ArrayLike<number>): SweepPoint[] {
  return Array.from({ length: STEPS - 1 }, (_, step) => {
    const threshold = (step + 1) / STEPS;
    let [taken, found, positives] = [0, 0, 0];
    for (let i = 0; i < scores.length; i++) {
      const accepted = scores[i]! >= threshold;
      if (accepted) taken += 1;
      if (positive[i]) positives += 1;
      if (accepted && positive[i]) found += 1;
    }
    const ratio = (a: number, b: number) => (b === 0 ? 0 : a / b);
    return {
      threshold,
      precision: ratio(found, taken),
      recall: ratio(found, positives),
      f1: ratio(2 * found, taken + positives),
    };
  });
}
