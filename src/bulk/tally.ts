/** Counts of what a run has done, kept from one start of the command to the next. */

import type { BlockAnswer, Rejection } from './block.ts';

export interface Tally {
  /** Rows in the output. */
  answered: number;
  /** Rows in the rejects file. */
  rejected: number;
  /** Rejected rows by error code. */
  reasons: Record<string, number>;
  /** Rows read of each input. */
  files: Record<string, number>;
  /** Rows by head and accepted label. */
  labels: Record<string, Record<string, number>>;
  /** Rows the classifier abstains on, and by reason; a row may have two. */
  abstained: number;
  abstentions: Record<string, number>;
  /** Rows whose text was cut, and rows that look like HTML. */
  truncated: number;
  html: number;
}

export const emptyTally = (): Tally => ({
  answered: 0,
  rejected: 0,
  reasons: {},
  files: {},
  labels: {},
  abstained: 0,
  abstentions: {},
  truncated: 0,
  html: 0,
});

const add = (counts: Record<string, number>, key: string, n = 1) => {
  counts[key] = (counts[key] ?? 0) + n;
};

export function tallyRejection(tally: Tally, { file, line, lastLine = line, code }: Rejection): void {
  const rows = lastLine - line + 1;
  tally.rejected += rows;
  add(tally.reasons, code, rows);
  add(tally.files, file, rows);
}

export function tallyAnswer(tally: Tally, file: string, outcome: BlockAnswer['outcomes'][number]): void {
  tally.answered += 1;
  add(tally.files, file);
  if ('vector' in outcome && outcome.truncated) tally.truncated += 1;
  if (!('prediction' in outcome)) return;
  const { heads, abstains, reasons, truncated, html } = outcome.prediction;
  if (truncated) tally.truncated += 1;
  if (html) tally.html += 1;
  if (abstains) tally.abstained += 1;
  for (const reason of reasons) add(tally.abstentions, reason);
  for (const [head, { accepted }] of Object.entries(heads)) {
    tally.labels[head] ??= {};
    for (const { id } of accepted) add(tally.labels[head], id);
  }
}
