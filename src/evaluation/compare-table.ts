/** A comparison of two classifiers as a table for the terminal. */

import type { Change, Comparison, HeadComparison } from './compare.ts';
import { GAINS } from './metrics.ts';
import { excerpt, figureName, percent, pValue, shownFigures, within } from './table.ts';

/** Changed texts shown of each head. */
const CHANGES = 20;

const rightness = (right: boolean) => (right ? 'right' : 'wrong');

function changeLine({ id, text, actual, before, after, rightBefore, rightAfter }: Change): string {
  const names = (labels: string[]) => labels.join(', ') || 'none';
  return `  ${id}: ${names(before)} (${rightness(rightBefore)}) → ${names(after)} (${rightness(rightAfter)}); true: ${names(actual)}: ${excerpt(text)}`;
}

function comparisonLines({ head, kind, records, before, after, differences, changes }: HeadComparison) {
  const lines = [`${head} (${records} articles)`];
  for (const figure of GAINS) {
    if (!(shownFigures(kind) as readonly string[]).includes(figure)) continue;
    const { value: from } = before[figure];
    lines.push(
      `  ${figureName(figure, kind).padEnd(22)} ${percent(from)} → ${percent(after[figure].value)}   better by ${within(differences[figure])}, ${pValue(differences[figure])}`,
    );
  }
  const count = (wanted: (change: Change) => boolean) => changes.filter(wanted).length;
  const fixed = count(({ rightBefore, rightAfter }) => rightAfter && !rightBefore);
  const broken = count(({ rightBefore, rightAfter }) => rightBefore && !rightAfter);
  lines.push(
    `  ${changes.length} texts changed: ${fixed} became right, ${broken} became wrong; ${count(({ gain }) => gain > 0)} better, ${count(({ gain }) => gain < 0)} worse`,
    ...changes.slice(0, CHANGES).map(changeLine),
  );
  if (changes.length > CHANGES)
    lines.push(`  … and ${changes.length - CHANGES} more; --json and --html list them all`);
  return [...lines, ''];
}

/** Figures of two classifiers side by side, the test of their difference, and the texts that changed, losses first. */
export const formatComparison = ({ before, after, notes, heads }: Comparison): string =>
  [
    `compared: ${before.slice(0, 12)} → ${after.slice(0, 12)}`,
    ...notes.map((note) => `note: ${note}`),
    ...heads.flatMap(comparisonLines),
  ].join('\n');
