/** Every figure of one head: scores, calibration, coverage, baselines, slices and mistakes. */

import type { HeadTargets } from '../classifier/targets.ts';
import type { Article } from '../dataset/article.ts';
import type { Baseline } from './baselines.ts';
import { bootstrapIntervals, type Difference, type Interval, pairedDifferences } from './bootstrap.ts';
import { type Coverage, coverageOf, judge } from './coverage.ts';
import {
  type CurvePoint,
  precisionRecallCurve,
  type SweepPoint,
  thinCurve,
  thresholdSweep,
  untilComplete,
} from './curves.ts';
import {
  confusionMatrix,
  createScorer,
  DECISION_FIGURES,
  type DecisionFigure,
  decide,
  GAINS,
  type Gain,
  type HeadScore,
  type LabelScore,
  type Scorer,
} from './metrics.ts';
import { confidentMistakes, type Mistake } from './mistakes.ts';
import { averagePrecision, rocAuc } from './ranking.ts';
import { type Calibration, measureCalibration } from './reliability.ts';
import { type Slice, scoreSlices } from './slices.ts';

/** The figures that a summary shows. */
export const HEADLINES = ['microF1', 'macroF1', 'accuracy'] as const;
export type Headline = (typeof HEADLINES)[number];

type Named = Pick<HeadTargets['head'], 'name'>;

export interface EvaluatedLabel extends LabelScore, Named {
  /** null where no record carries the label, which leaves nothing to rank. */
  averagePrecision: number | null;
  /** null where no record carries the label, or every one does. */
  rocAuc: number | null;
  /** Multi-label heads: the label's own threshold, and how it would fare at others. */
  threshold?: number;
  sweep?: SweepPoint[];
  /** By falling threshold, until all are found; empty where no record carries the label. */
  curve: CurvePoint[];
}

export interface BaselineComparison {
  name: string;
  intervals: Record<DecisionFigure, Interval>;
  /** F1 of each label. */
  labelF1: number[];
  /** The classifier's figure less that of the baseline. */
  differences: Record<Gain, Difference>;
}

export interface HeadEvaluation extends HeadScore, Named {
  head: string;
  kind: 'multi-label' | 'one-of';
  labels: EvaluatedLabel[];
  intervals: Record<DecisionFigure, Interval>;
  calibration: Calibration;
  /** The same of the network's own probabilities, before calibration. */
  rawCalibration: Calibration;
  coverage: Coverage;
  /** One-of heads: rows are the true labels, columns the decisions. */
  confusion?: number[][];
  baselines: BaselineComparison[];
  /** Worst first. */
  slices: Slice[];
  /** The surest first; empty where the articles were not given. */
  mistakes: Mistake[];
}

export interface EvaluationOptions {
  seed: number;
  baselines?: readonly Baseline[];
  /** Names of the slices that each record belongs to. */
  slices?: readonly (readonly string[])[];
  /** The records themselves, for the ids and texts of the mistakes. */
  articles?: readonly Article[];
  /** Whether the classifier abstains from each record. */
  abstains?: readonly boolean[];
}

/** One value per name. */
export const byName = <K extends string, V>(names: readonly K[], values: readonly V[]) =>
  Object.fromEntries(names.map((name, k) => [name, values[k]!])) as Record<K, V>;

/** Points kept of a precision–recall curve. */
const CURVE_POINTS = 100;

function evaluateLabels(
  score: HeadScore,
  probabilities: Float32Array,
  { head, labels }: HeadTargets,
  rows: readonly number[],
  thresholds: readonly number[],
): EvaluatedLabel[] {
  const width = head.labels.length;
  return score.labels.map((label, k) => {
    const own = rows.map((row) => probabilities[row * width + k]!);
    const positive = rows.map((row) => labels[row * width + k]!);
    const threshold = thresholds[k];
    return {
      ...label,
      name: head.labels[k]!.name,
      averagePrecision: label.support === 0 ? null : averagePrecision(own, positive),
      rocAuc: label.support % rows.length === 0 ? null : rocAuc(own, positive),
      curve: thinCurve(untilComplete(precisionRecallCurve(own, positive)), CURVE_POINTS),
      ...(threshold === undefined ? {} : { threshold, sweep: thresholdSweep(own, positive) }),
    };
  });
}

function compareBaseline(
  name: string,
  ours: Scorer,
  theirs: Scorer,
  rows: readonly number[],
  seed: number,
): BaselineComparison {
  const draw = (drawn: readonly number[]) => drawn.map((i) => rows[i]!);
  const figures = (score: Scorer, names: readonly DecisionFigure[]) => (drawn: readonly number[]) => {
    const values = score(draw(drawn));
    return names.map((figure) => values[figure]);
  };
  const n = rows.length;
  return {
    name,
    intervals: byName(DECISION_FIGURES, bootstrapIntervals(n, figures(theirs, DECISION_FIGURES), { seed })),
    labelF1: theirs(rows).labels.map(({ f1 }) => f1),
    differences: byName(GAINS, pairedDifferences(n, figures(ours, GAINS), figures(theirs, GAINS), { seed })),
  };
}

/**
 * @param scores Calibrated and raw probabilities, [n, labels] each.
 * @param index Of the head among the baselines' decisions.
 */
export function evaluateHead(
  { probabilities, raw }: { probabilities: Float32Array; raw: Float32Array },
  targets: HeadTargets,
  thresholds: readonly number[],
  index: number,
  { seed, baselines = [], slices = [], articles, abstains }: EvaluationOptions,
): HeadEvaluation {
  const { head, known } = targets;
  const rows = Array.from(known.keys()).filter((row) => known[row]);
  const decisions = decide(probabilities, targets, thresholds);
  const scorer = createScorer(decisions, targets);
  const score = scorer(rows);
  const statistics = (drawn: readonly number[]) => {
    const values = scorer(drawn.map((i) => rows[i]!));
    return DECISION_FIGURES.map((figure) => values[figure]);
  };
  return {
    ...score,
    head: head.id,
    name: head.name,
    kind: head.kind,
    labels: evaluateLabels(score, probabilities, targets, rows, thresholds),
    intervals: byName(DECISION_FIGURES, bootstrapIntervals(rows.length, statistics, { seed })),
    calibration: measureCalibration(probabilities, decisions, targets, { seed }),
    rawCalibration: measureCalibration(raw, decisions, targets, { seed }),
    coverage: coverageOf(
      judge(probabilities, decisions, targets, rows),
      abstains && rows.map((row) => abstains[row]!),
      { seed },
    ),
    ...(head.kind === 'one-of' ? { confusion: confusionMatrix(decisions, targets) } : {}),
    baselines: baselines.flatMap(({ name, decisions: theirs }) => {
      const own = theirs[index];
      return own === undefined ? [] : [compareBaseline(name, scorer, createScorer(own, targets), rows, seed)];
    }),
    slices: scoreSlices(scorer, targets, slices, { seed }),
    mistakes: articles === undefined ? [] : confidentMistakes(probabilities, decisions, targets, articles),
  };
}
