/** An evaluation as a table for the terminal. */

import type { Interval } from './bootstrap.ts';
import { type Evaluation, HEADLINES, type HeadEvaluation } from './evaluate.ts';

const percent = (x: number) => (100 * x).toFixed(1).padStart(5);
const within = ({ value, low, high }: Interval) =>
  `${percent(value)}   95 % ${percent(low)} – ${percent(high)}`;
const NAMES = { microF1: 'micro F1', macroF1: 'macro F1', accuracy: 'accuracy' } as const;
/** Slices shown of each head, from the worst on. */
const SLICES = 5;

function labelLines({ labels }: HeadEvaluation): string[] {
  return [
    `  ${'label'.padEnd(22)} precision  recall      F1  avg prec  ROC AUC  support`,
    ...labels.map(
      ({ id, precision, recall, f1, averagePrecision, rocAuc, support }) =>
        `  ${id.padEnd(22)} ${percent(precision).padStart(9)} ${percent(recall).padStart(7)} ${percent(f1).padStart(7)} ${percent(averagePrecision).padStart(9)} ${percent(rocAuc).padStart(8)} ${String(support).padStart(8)}`,
    ),
  ];
}

function headLines(head: HeadEvaluation): string[] {
  const { intervals, calibration, confusion, baselines, slices } = head;
  const lines = [`${head.head} (${head.records} articles)`];
  for (const name of HEADLINES) lines.push(`  ${NAMES[name].padEnd(22)} ${within(intervals[name])}`);
  if (head.kind === 'multi-label') {
    lines.push(`  ${'weighted F1'.padEnd(22)} ${percent(head.weightedF1)}`);
    lines.push(`  ${'samples F1'.padEnd(22)} ${percent(head.samplesF1)}`);
    lines.push(`  ${'Hamming loss'.padEnd(22)} ${percent(head.hammingLoss)}`);
  }
  lines.push(
    `  ${'calibration error'.padEnd(22)} ${percent(calibration.error)}   Brier ${calibration.brier.toFixed(3)}`,
  );
  for (const { name, microF1, macroF1, difference } of baselines) {
    lines.push(
      `  against ${name}: micro F1 ${percent(microF1)}, macro F1 ${percent(macroF1)}; macro F1 better by ${within(difference)}, p ${difference.pValue.toFixed(3)}`,
    );
  }
  lines.push(...labelLines(head));
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
  return [...lines, ''];
}

/** Headline figures with intervals, calibration, baselines, labels, confusion and the worst slices of each head. */
export const formatEvaluation = ({ heads }: Evaluation): string => heads.flatMap(headLines).join('\n');
