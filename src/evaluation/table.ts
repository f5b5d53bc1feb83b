/** An evaluation as a table for the terminal. */

import type { Difference, Interval } from './bootstrap.ts';
import type { Evaluation } from './evaluate.ts';
import { type BaselineComparison, HEADLINES, type HeadEvaluation } from './head.ts';
import { DECISION_FIGURES } from './metrics.ts';
import type { Mistake } from './mistakes.ts';

export const percent = (x: number) => (100 * x).toFixed(1).padStart(5);
export const within = ({ value, low, high }: Interval) =>
  `${percent(value)}   95 % ${percent(low)} – ${percent(high)}`;
const orDash = (x: number | null) => (x === null ? '–' : percent(x));
export const pValue = ({ pValue: p }: Difference) => (p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(3)}`);

export const FIGURE_NAMES = {
  microF1: 'micro F1',
  macroF1: 'macro F1',
  weightedF1: 'weighted F1',
  samplesF1: 'samples F1',
  accuracy: 'accuracy',
  hammingLoss: 'Hamming loss',
} as const;

/** Accuracy of sets of labels has a name of its own. */
export const figureName = (figure: keyof typeof FIGURE_NAMES, kind: HeadEvaluation['kind']) =>
  figure === 'accuracy' && kind === 'multi-label' ? 'subset accuracy' : FIGURE_NAMES[figure];

/** The figures worth showing: in a one-of head micro and samples F1 are the accuracy, and Hamming loss follows from it. */
export const shownFigures = (kind: HeadEvaluation['kind']) =>
  kind === 'multi-label' ? DECISION_FIGURES : (['accuracy', 'macroF1', 'weightedF1'] as const);

/** Slices and mistakes shown of each head. */
const SLICES = 5;
const MISTAKES = 5;
/** Characters shown of a text. */
const EXCERPT = 90;
export const excerpt = (text: string) => text.replace(/\s+/g, ' ').slice(0, EXCERPT);

function labelLines({ labels }: HeadEvaluation): string[] {
  return [
    `  ${'label'.padEnd(22)} precision  recall      F1  avg prec  ROC AUC  support`,
    ...labels.map(
      ({ id, precision, recall, f1, averagePrecision, rocAuc, support }) =>
        `  ${id.padEnd(22)} ${percent(precision).padStart(9)} ${percent(recall).padStart(7)} ${percent(f1).padStart(7)} ${orDash(averagePrecision).padStart(9)} ${orDash(rocAuc).padStart(8)} ${String(support).padStart(8)}`,
    ),
  ];
}

function baselineLines({ name, intervals, differences }: BaselineComparison): string[] {
  const figures = HEADLINES.map((figure) => `${FIGURE_NAMES[figure]} ${percent(intervals[figure].value)}`);
  const { macroF1 } = differences;
  return [
    `  against ${name}: ${figures.join(', ')}; macro F1 better by ${within(macroF1)}, ${pValue(macroF1)}`,
  ];
}

function coverageLines({ coverage, kind }: HeadEvaluation): string[] {
  const what = kind === 'one-of' ? 'accuracy' : 'samples F1';
  const points = coverage.curve.filter((_, i, { length }) => [0.5, 0.8, 1].includes((i + 1) / length));
  const at = points.map(({ coverage: share, score }) => `${percent(score.value)} of ${percent(share)} %`);
  const lines = [`  ${what} of the surest: ${at.join(', ')}`];
  const { own } = coverage;
  if (own?.answered)
    lines.push(
      `  abstaining as the model does: ${what} ${within(own.answered)} of ${percent(own.coverage.value)} %${own.abstained ? `, and ${percent(own.abstained.value)} of the rest` : ''}`,
    );
  return lines;
}

function mistakeLine({ id, text, label, kind, probability, actual }: Mistake): string {
  const verdict = kind === 'false-positive' ? `not ${label}, but ${actual.join(', ')}` : `${label} missed`;
  return `  ${percent(probability)}  ${id}: ${verdict}: ${excerpt(text)}`;
}

function headLines(head: HeadEvaluation): string[] {
  const { kind, intervals, calibration, rawCalibration, confusion, slices, mistakes } = head;
  const lines = [`${head.head} (${head.records} articles)`];
  for (const figure of shownFigures(kind))
    lines.push(`  ${figureName(figure, kind).padEnd(22)} ${within(intervals[figure])}`);
  lines.push(
    `  ${'calibration error'.padEnd(22)} ${within(calibration.intervals.error)}`,
    `  ${'  before calibration'.padEnd(22)} ${within(rawCalibration.intervals.error)}`,
    `  ${'Brier score'.padEnd(22)} ${within(calibration.intervals.brier)}`,
    ...coverageLines(head),
    ...head.baselines.flatMap(baselineLines),
    ...labelLines(head),
  );
  if (confusion !== undefined) {
    const ids = head.labels.map(({ id }) => id);
    lines.push(`  ${'true \\ decided'.padEnd(22)} ${ids.map((id) => id.padStart(9)).join(' ')}`);
    for (const [i, row] of confusion.entries())
      lines.push(`  ${ids[i]!.padEnd(22)} ${row.map((n) => String(n).padStart(9)).join(' ')}`);
  }
  if (slices.length > 0) {
    lines.push('  worst slices');
    for (const { name, records, microF1 } of slices.slice(0, SLICES))
      lines.push(`  ${name.padEnd(28)} ${String(records).padStart(5)} articles, micro F1 ${within(microF1)}`);
  }
  const surest = (['false-positive', 'false-negative'] as const).flatMap((given) =>
    mistakes.filter((mistake) => mistake.kind === given).slice(0, MISTAKES),
  );
  if (surest.length > 0) lines.push('  most confident mistakes', ...surest.map(mistakeLine));
  return [...lines, ''];
}

/** Notes; then figures with intervals, calibration, coverage, baselines, labels, confusion, slices and mistakes of each head. */
export const formatEvaluation = ({ heads, notes }: Evaluation): string =>
  [...notes.map((note) => `note: ${note}`), ...heads.flatMap(headLines)].join('\n');
