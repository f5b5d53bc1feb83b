/** What a run has done, for people and for programs. */

import type { Tally } from './tally.ts';

export interface BulkSummary extends Tally {
  /** Rows read of all inputs. */
  rows: number;
  /** Identity of the model that answered. */
  model: string;
  output: string;
  /** Where rejected rows are listed; undefined where there are none. */
  rejects: string | undefined;
  /** Time of all starts of the command together. */
  seconds: number;
  rowsPerSecond: number;
}

export function summarise(
  tally: Tally,
  facts: { model: string; output: string; rejects: string; ms: number },
): BulkSummary {
  const rows = tally.answered + tally.rejected;
  const { model, output, rejects, ms } = facts;
  return {
    rows,
    ...tally,
    model,
    output,
    rejects: tally.rejected === 0 ? undefined : rejects,
    seconds: Math.round(ms) / 1_000,
    rowsPerSecond: ms === 0 ? 0 : Math.round((rows / ms) * 1e4) / 10,
  };
}

const counted = (counts: Record<string, number>) =>
  Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, n]) => `${name} ${n}`)
    .join(', ');

/** The summary for people. */
export function formatSummary(summary: BulkSummary): string {
  const { rows, answered, rejected, labels, abstained, truncated, html, model, output } = summary;
  const lines = [`${rows} rows: ${answered} written to ${output}, ${rejected} rejected`];
  if (rejected > 0) lines.push(`rejected: ${counted(summary.reasons)}; each is listed in ${summary.rejects}`);
  for (const [head, counts] of Object.entries(labels))
    lines.push(`${head}: ${counted(counts) || 'no label'}`);
  if (abstained > 0) lines.push(`abstained on ${abstained}: ${counted(summary.abstentions)}`);
  if (truncated > 0) lines.push(`${truncated} texts were longer than the encoder reads, and were cut`);
  if (html > 0) lines.push(`${html} texts look like HTML; nothing was stripped`);
  lines.push(`model ${model}`);
  lines.push(`${summary.seconds.toFixed(1)} s, ${summary.rowsPerSecond.toFixed(1)} rows/s`);
  return lines.join('\n');
}
