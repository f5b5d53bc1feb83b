/** Scores of decisions against labels. Formulas as in scikit-learn's `metrics`, with 0 where a ratio has no meaning. */

import type { HeadTargets } from '../classifier/targets.ts';

export interface LabelScore {
  id: string;
  precision: number;
  recall: number;
  f1: number;
  /** Records that carry the label. */
  support: number;
}

export interface HeadScore {
  /** F1 over all decisions together; for a one-of head this is the accuracy. */
  microF1: number;
  /** Mean of the labels' F1, over labels with support. */
  macroF1: number;
  /** Mean of the labels' F1, weighted by their support. */
  weightedF1: number;
  /** Mean over records of the F1 of each record's set of labels. */
  samplesF1: number;
  /** Share of records whose set of labels is exactly right. */
  accuracy: number;
  /** Share of wrong decisions among all, label by label. */
  hammingLoss: number;
  labels: LabelScore[];
  records: number;
}

const ratio = (a: number, b: number) => (b === 0 ? 0 : a / b);
const f1Of = (tp: number, fp: number, fn: number) => ratio(2 * tp, 2 * tp + fp + fn);

const sum = (values: Iterable<number>) => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

/** Figures of decisions in which more is better, and the one in which less is. */
export const GAINS = ['microF1', 'macroF1', 'weightedF1', 'samplesF1', 'accuracy'] as const;
export const DECISION_FIGURES = [...GAINS, 'hammingLoss'] as const;
export type Gain = (typeof GAINS)[number];
export type DecisionFigure = (typeof DECISION_FIGURES)[number];

/** Scores a head over rows, with repeats; rows that do not know the head are left out. */
export type Scorer = (rows: Iterable<number>) => HeadScore;

const TRUE_POSITIVE = 0;
const FALSE_POSITIVE = 1;
const FALSE_NEGATIVE = 2;

/**
 * Looks at every decision once, so that scoring thousands of draws of the rows is cheap.
 * @param decisions 1 where the label was predicted: [n, labels].
 */
export function createScorer(decisions: Uint8Array, { head, labels, known }: HeadTargets): Scorer {
  const width = head.labels.length;
  // Of each row only what is not a true negative, as label · 3 + outcome.
  const offsets = new Uint32Array(known.length + 1);
  const outcomes: number[] = [];
  for (let row = 0; row < known.length; row++) {
    for (let k = 0; k < width; k++) {
      const [predicted, actual] = [decisions[row * width + k], labels[row * width + k]];
      if (!known[row] || (!predicted && !actual)) continue;
      outcomes.push(3 * k + (predicted ? (actual ? TRUE_POSITIVE : FALSE_POSITIVE) : FALSE_NEGATIVE));
    }
    offsets[row + 1] = outcomes.length;
  }

  return (rows) => {
    const counts = new Float64Array(3 * width);
    let exact = 0;
    let records = 0;
    let samples = 0;
    for (const row of rows) {
      if (!known[row]) continue;
      records += 1;
      const [from, to] = [offsets[row]!, offsets[row + 1]!];
      let right = 0;
      for (let i = from; i < to; i++) {
        const outcome = outcomes[i]!;
        counts[outcome]! += 1;
        if (outcome % 3 === TRUE_POSITIVE) right += 1;
      }
      if (right === to - from) exact += 1;
      samples += ratio(2 * right, right + (to - from));
    }
    return summarise(head, counts, { exact, records, samples });
  };
}

function summarise(
  head: HeadTargets['head'],
  counts: Float64Array,
  { exact, records, samples }: { exact: number; records: number; samples: number },
): HeadScore {
  const width = head.labels.length;
  const all = (outcome: number) => counts.filter((_, i) => i % 3 === outcome);
  const [tp, fp, fn] = [all(TRUE_POSITIVE), all(FALSE_POSITIVE), all(FALSE_NEGATIVE)];
  const labels = head.labels.map(({ id }, k) => ({
    id,
    precision: ratio(tp[k]!, tp[k]! + fp[k]!),
    recall: ratio(tp[k]!, tp[k]! + fn[k]!),
    f1: f1Of(tp[k]!, fp[k]!, fn[k]!),
    support: tp[k]! + fn[k]!,
  }));
  const supported = labels.filter(({ support }) => support > 0);
  return {
    microF1: f1Of(sum(tp), sum(fp), sum(fn)),
    macroF1: ratio(sum(supported.map(({ f1 }) => f1)), supported.length),
    weightedF1: ratio(
      sum(supported.map(({ f1, support }) => f1 * support)),
      sum(supported.map(({ support }) => support)),
    ),
    samplesF1: ratio(samples, records),
    accuracy: ratio(exact, records),
    hammingLoss: ratio(sum(fp) + sum(fn), records * width),
    labels,
    records,
  };
}

/**
 * Scores one head over the given rows; see `createScorer`.
 * @param decisions 1 where the label was predicted: [n, labels].
 */
export const scoreHead = (decisions: Uint8Array, targets: HeadTargets, rows: Iterable<number>): HeadScore =>
  createScorer(decisions, targets)(rows);

/** Decisions [n, labels] from probabilities: the most likely label of a one-of head, else all at or over their threshold. */
export function decide(
  probabilities: Float32Array,
  { head }: Pick<HeadTargets, 'head'>,
  thresholds: readonly number[],
): Uint8Array {
  const width = head.labels.length;
  const out = new Uint8Array(probabilities.length);
  for (let start = 0; start < probabilities.length; start += width) {
    if (head.kind === 'multi-label') {
      for (let k = 0; k < width; k++) out[start + k] = probabilities[start + k]! >= thresholds[k]! ? 1 : 0;
      continue;
    }
    let best = 0;
    for (let k = 1; k < width; k++) if (probabilities[start + k]! > probabilities[start + best]!) best = k;
    out[start + best] = 1;
  }
  return out;
}

/** Counts [labels, labels] of a one-of head: rows are the true labels, columns the decisions. */
export function confusionMatrix(decisions: Uint8Array, { head, labels, known }: HeadTargets): number[][] {
  const width = head.labels.length;
  const matrix = head.labels.map(() => new Array<number>(width).fill(0));
  for (let row = 0; row < known.length; row++) {
    if (!known[row]) continue;
    const actual = labels.indexOf(1, row * width) - row * width;
    const predicted = decisions.indexOf(1, row * width) - row * width;
    matrix[actual]![predicted]! += 1;
  }
  return matrix;
}
