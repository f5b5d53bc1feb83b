/** Per-label decision thresholds of multi-label heads: the best F1, or the best F1 at a precision that the user demands. */

import type { Taxonomy } from '../dataset/taxonomy.ts';
import { RasidError } from '../errors.ts';
import type { HeadTargets } from './targets.ts';

export const DEFAULT_THRESHOLD = 0.5;
/** With fewer positives than this, the F1 curve is noise and the default stands. */
const FEWEST_POSITIVES = 5;
/** Thresholds are kept off the ends, where one example decides. */
const RANGE = [0.1, 0.9] as const;

export interface TunedThreshold {
  threshold: number;
  /** On the held-out records, at the threshold. */
  precision: number;
  recall: number;
}

/** Precision and recall at every threshold halfway between neighbouring scores, highest threshold first. */
function curve(scores: readonly number[], positive: readonly boolean[]): TunedThreshold[] {
  const positives = positive.filter(Boolean).length;
  const order = scores.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  const points: TunedThreshold[] = [];
  let truePositives = 0;
  for (const [k, i] of order.entries()) {
    if (positive[i]) truePositives += 1;
    const next = k + 1 < order.length ? scores[order[k + 1]!]! : 0;
    if (next === scores[i]) continue;
    const threshold = (scores[i]! + next) / 2;
    points.push({ threshold, precision: truePositives / (k + 1), recall: truePositives / positives });
  }
  return points;
}

function pointAt(threshold: number, scores: readonly number[], positive: readonly boolean[]): TunedThreshold {
  const accepted = scores.filter((score) => score >= threshold).length;
  const right = scores.filter((score, i) => score >= threshold && positive[i]).length;
  return { threshold, precision: right / (accepted || 1), recall: right / positive.filter(Boolean).length };
}

const f1 = ({ precision, recall }: TunedThreshold) =>
  precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);

/** The point of best F1; of equal ones, that nearest to 0.5. */
function bestPoint(points: readonly TunedThreshold[]): TunedThreshold | undefined {
  const distance = (point: TunedThreshold) => Math.abs(point.threshold - DEFAULT_THRESHOLD);
  return [...points].sort((a, b) => f1(b) - f1(a) || distance(a) - distance(b))[0];
}

/**
 * The threshold of best F1 for one label; the default where there are too few positives to tell.
 * @param scores Calibrated probabilities of held-out records.
 */
export function bestThreshold(scores: readonly number[], positive: readonly boolean[]): number {
  if (positive.filter(Boolean).length < FEWEST_POSITIVES) return DEFAULT_THRESHOLD;
  const inRange = curve(scores, positive).filter(
    ({ threshold }) => threshold >= RANGE[0] && threshold <= RANGE[1],
  );
  const ends = RANGE.map((threshold) => pointAt(threshold, scores, positive));
  return bestPoint([...inRange, ...ends])!.threshold;
}

/**
 * The threshold of best F1 among those at which held-out precision is at least `minimum`.
 * @param name The label, for the error.
 * @throws RasidError `threshold-unreachable`, saying how far precision goes.
 */
export function thresholdAtPrecision(
  scores: readonly number[],
  positive: readonly boolean[],
  minimum: number,
  name: string,
): TunedThreshold {
  const positives = positive.filter(Boolean).length;
  const points = positives < FEWEST_POSITIVES ? [] : curve(scores, positive);
  const found = bestPoint(points.filter(({ precision }) => precision >= minimum));
  if (found !== undefined) return found;
  const [most] = [...points].sort((a, b) => b.precision - a.precision || b.recall - a.recall);
  throw new RasidError(
    'threshold-unreachable',
    most === undefined
      ? `${name}: ${positives} held-out examples are too few to tune a threshold for precision ${minimum}`
      : `${name}: no threshold reaches precision ${minimum} on the held-out articles; ${most.precision.toFixed(2)} is the most, at recall ${most.recall.toFixed(2)}`,
    { hint: 'Demand less, or label more articles with and without this label.' },
  );
}

/** Precision demanded, by head id and label id joined by `/`. */
export type DemandedPrecision = ReadonlyMap<string, number>;

/**
 * Reads `security=0.9` or `topics/security=0.9`.
 * @throws RasidError `usage` where the form is wrong or the label is no label of a multi-label head.
 */
export function parsePrecisions(pairs: readonly string[], { heads }: Taxonomy): DemandedPrecision {
  const known = heads
    .filter(({ kind }) => kind === 'multi-label')
    .flatMap(({ id, labels }) => labels.map((label) => `${id}/${label.id}`));
  return new Map(
    pairs.map((pair) => {
      const [, label, text] = /^([^=]+)=(.+)$/.exec(pair) ?? [];
      const precision = Number(text);
      if (label === undefined || !(precision > 0 && precision <= 1))
        throw new RasidError('usage', `${pair}: write label=precision, with a precision over 0 and up to 1`);
      const matches = known.filter((name) => name === label || name.endsWith(`/${label}`));
      if (matches.length !== 1) {
        const why =
          matches.length === 0 ? 'no label of a multi-label head' : `may be ${matches.join(' or ')}`;
        throw new RasidError('usage', `${pair}: ${label} is ${why}`);
      }
      return [matches[0]!, precision];
    }),
  );
}

/** Of one head: a threshold for each label, and by label name what the demanded ones give. */
export interface HeadThresholds {
  thresholds: number[];
  tuned: Record<string, TunedThreshold>;
}

/**
 * Thresholds of a head's labels on held-out probabilities [n, labels]; a one-of head takes its most likely label and needs none.
 * @throws RasidError `threshold-unreachable`.
 */
export function fitThresholds(
  probabilities: Float32Array,
  { head, labels, known }: HeadTargets,
  demanded: DemandedPrecision = new Map(),
): HeadThresholds {
  if (head.kind === 'one-of') return { thresholds: [], tuned: {} };
  const width = head.labels.length;
  const rows = Array.from(known.keys()).filter((row) => known[row] === 1);
  const tuned: Record<string, TunedThreshold> = {};
  const thresholds = head.labels.map(({ id }, label) => {
    const scores = rows.map((row) => probabilities[row * width + label]!);
    const positive = rows.map((row) => labels[row * width + label] === 1);
    const name = `${head.id}/${id}`;
    const minimum = demanded.get(name);
    if (minimum === undefined) return bestThreshold(scores, positive);
    tuned[name] = thresholdAtPrecision(scores, positive, minimum, name);
    return tuned[name].threshold;
  });
  return { thresholds, tuned };
}
