/** Evaluates a classifier on labelled features: scores with intervals, beside the baselines and by slices. */

import type { Manifest } from '../classifier/bundle.ts';
import type { Classifier } from '../classifier/classifier.ts';
import type { LabelledFeatures } from '../classifier/fit.ts';
import { encodeTargets, type HeadTargets } from '../classifier/targets.ts';
import { type Article, articleText } from '../dataset/article.ts';
import type { Baseline } from './baselines.ts';
import { bootstrapIntervals, type Difference, type Interval, pairedDifference } from './bootstrap.ts';
import { confusionMatrix, decide, type HeadScore, type LabelScore, scoreHead } from './metrics.ts';
import { averagePrecision, rocAuc } from './ranking.ts';
import { brierScore, expectedCalibrationError, type ReliabilityBin, reliabilityBins } from './reliability.ts';

/** Figures that carry an interval. */
export const HEADLINES = ['microF1', 'macroF1', 'accuracy'] as const;
export type Headline = (typeof HEADLINES)[number];

export interface EvaluatedLabel extends LabelScore {
  averagePrecision: number;
  rocAuc: number;
}

export interface BaselineComparison {
  name: string;
  microF1: number;
  macroF1: number;
  accuracy: number;
  /** Macro F1 of the classifier less that of the baseline. */
  difference: Difference;
}

export interface Slice {
  /** For example `language: en`. */
  name: string;
  records: number;
  microF1: Interval;
}

export interface HeadEvaluation extends HeadScore {
  head: string;
  kind: 'multi-label' | 'one-of';
  labels: EvaluatedLabel[];
  intervals: Record<Headline, Interval>;
  /** Of a one-of head's chosen label; of every label's own probability in a multi-label head. */
  calibration: { error: number; brier: number; bins: ReliabilityBin[] };
  /** One-of heads: rows are the true labels, columns the decisions. */
  confusion?: number[][];
  baselines: BaselineComparison[];
  /** Worst first. */
  slices: Slice[];
}

export interface Evaluation {
  model: string;
  records: number;
  heads: HeadEvaluation[];
}

export interface EvaluationOptions {
  seed: number;
  baselines?: readonly Baseline[];
  /** Names of the slices that each record belongs to. */
  slices?: readonly (readonly string[])[];
}

/** The figures that a bundle's manifest keeps. */
export const headlineFigures = ({ heads }: Evaluation): NonNullable<Manifest['figures']> =>
  Object.fromEntries(
    heads.map(({ head, intervals }) => [
      head,
      Object.fromEntries(
        HEADLINES.map((name) => {
          const { value, low, high } = intervals[name];
          return [name, [value, low, high]] as const;
        }),
      ),
    ]),
  );

/** Features and labels of the given rows of articles, as the classifier reads them. */
export function labelledFeatures(
  classifier: Pick<Classifier, 'features' | 'taxonomy' | 'encoder'>,
  articles: readonly Article[],
  vectors: Float32Array,
  rows: readonly number[],
): LabelledFeatures {
  const { dim } = classifier.encoder;
  const chosen = rows.map((row) => articles[row]!);
  const own = new Float32Array(rows.length * dim);
  for (const [i, row] of rows.entries()) own.set(vectors.subarray(row * dim, (row + 1) * dim), i * dim);
  return {
    ...classifier.features(chosen.map(articleText), own),
    targets: encodeTargets(chosen, classifier.taxonomy),
  };
}

/** Events whose probability is judged: a one-of head's choice, or each label of a multi-label head. */
function events(probabilities: Float32Array, decisions: Uint8Array, { head, labels, known }: HeadTargets) {
  const width = head.labels.length;
  const counts = (i: number) =>
    known[Math.floor(i / width)] === 1 && (head.kind === 'multi-label' || decisions[i] === 1);
  const indices = Array.from(probabilities.keys()).filter(counts);
  return { probabilities: indices.map((i) => probabilities[i]!), happened: indices.map((i) => labels[i]!) };
}

/** Fewer records than this say nothing about a slice. */
const FEWEST_IN_SLICE = 10;

function sliceScores(
  decisions: Uint8Array,
  targets: HeadTargets,
  slices: readonly (readonly string[])[],
  seed: number,
): Slice[] {
  const members = new Map<string, number[]>();
  for (const [row, names] of slices.entries()) {
    if (!targets.known[row]) continue;
    for (const name of names) members.set(name, [...(members.get(name) ?? []), row]);
  }
  return [...members]
    .filter(([, rows]) => rows.length >= FEWEST_IN_SLICE)
    .map(([name, rows]) => {
      const statistic = (drawn: readonly number[]) => [
        scoreHead(
          decisions,
          targets,
          drawn.map((i) => rows[i]!),
        ).microF1,
      ];
      return {
        name,
        records: rows.length,
        microF1: bootstrapIntervals(rows.length, statistic, { seed })[0]!,
      };
    })
    .sort((a, b) => a.microF1.value - b.microF1.value);
}

/** Scores every head of the classifier on data whose targets follow its taxonomy. */
export function evaluateClassifier(
  classifier: Pick<Classifier, 'probabilities' | 'id'>,
  heads: Manifest['heads'],
  data: LabelledFeatures,
  { seed, baselines = [], slices = [] }: EvaluationOptions,
): Evaluation {
  const probabilities = classifier.probabilities(data);
  const records = data.targets[0]!.known.length;
  const all = Array.from({ length: records }, (_, i) => i);
  return {
    model: classifier.id,
    records,
    heads: data.targets.map((targets, i) => {
      const { head, known, labels } = targets;
      const width = head.labels.length;
      const own = probabilities[i]!;
      const decisions = decide(own, targets, heads[i]!.thresholds);
      const score = scoreHead(decisions, targets, all);
      const statistic = (rows: readonly number[]) => {
        const drawn = scoreHead(decisions, targets, rows);
        return HEADLINES.map((name) => drawn[name]);
      };
      const intervals = bootstrapIntervals(records, statistic, { seed });
      const rows = all.filter((row) => known[row]);
      const column = (from: ArrayLike<number>, k: number) => rows.map((row) => from[row * width + k]!);
      const judged = events(own, decisions, targets);
      const bins = reliabilityBins(judged.probabilities, judged.happened);
      return {
        ...score,
        head: head.id,
        kind: head.kind,
        labels: score.labels.map((label, k) => ({
          ...label,
          averagePrecision: averagePrecision(column(own, k), column(labels, k)),
          rocAuc: rocAuc(column(own, k), column(labels, k)),
        })),
        intervals: Object.fromEntries(HEADLINES.map((name, k) => [name, intervals[k]!])) as Record<
          Headline,
          Interval
        >,
        calibration: {
          error: expectedCalibrationError(bins),
          brier: brierScore(judged.probabilities, judged.happened),
          bins,
        },
        ...(head.kind === 'one-of' ? { confusion: confusionMatrix(decisions, targets) } : {}),
        baselines: baselines.map((baseline) => {
          const theirs = baseline.decisions[i]!;
          const { microF1, macroF1, accuracy } = scoreHead(theirs, targets, all);
          const difference = pairedDifference(
            records,
            (drawn) => scoreHead(decisions, targets, drawn).macroF1,
            (drawn) => scoreHead(theirs, targets, drawn).macroF1,
            { seed },
          );
          return { name: baseline.name, microF1, macroF1, accuracy, difference };
        }),
        slices: sliceScores(decisions, targets, slices, seed),
      };
    }),
  };
}
