/** Per-label decision thresholds of multi-label heads. */

import type { HeadTargets } from './targets.ts';

export const DEFAULT_THRESHOLD = 0.5;
/** With fewer positives than this, the F1 curve is noise and the default stands. */
const FEWEST_POSITIVES = 5;
/** Thresholds are kept off the ends, where one example decides. */
const RANGE = [0.1, 0.9] as const;

/**
 * The threshold of best F1 for one label, halfway between neighbouring scores; of equal ones, that nearest to 0.5.
 * @param scores Calibrated probabilities of held-out records.
 */
export function bestThreshold(scores: readonly number[], positive: readonly boolean[]): number {
  const positives = positive.filter(Boolean).length;
  if (positives < FEWEST_POSITIVES) return DEFAULT_THRESHOLD;
  const order = scores.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  let truePositives = 0;
  let best = { f1: -1, threshold: DEFAULT_THRESHOLD };
  for (const [k, i] of order.entries()) {
    if (positive[i]) truePositives += 1;
    const next = k + 1 < order.length ? scores[order[k + 1]!]! : 0;
    if (next === scores[i]) continue;
    const threshold = Math.min(RANGE[1], Math.max(RANGE[0], (scores[i]! + next) / 2));
    const f1 = (2 * truePositives) / (k + 1 + positives);
    const nearer = Math.abs(threshold - 0.5) < Math.abs(best.threshold - 0.5);
    if (f1 > best.f1 || (f1 === best.f1 && nearer)) best = { f1, threshold };
  }
  return best.threshold;
}

/** Thresholds of a head's labels on held-out probabilities [n, labels]; a one-of head takes its most likely label and needs none. */
export function fitThresholds(probabilities: Float32Array, { head, labels, known }: HeadTargets): number[] {
  if (head.kind === 'one-of') return [];
  const width = head.labels.length;
  const rows = Array.from(known.keys()).filter((row) => known[row] === 1);
  return head.labels.map((_, label) =>
    bestThreshold(
      rows.map((row) => probabilities[row * width + label]!),
      rows.map((row) => labels[row * width + label] === 1),
    ),
  );
}
