/** Groups of records that may fare differently. */

import type { HeadTargets } from '../classifier/targets.ts';
import { type Article, articleText } from '../dataset/article.ts';
import { bootstrapIntervals, type Interval } from './bootstrap.ts';
import type { Scorer } from './metrics.ts';

const LENGTHS = [
  [60, 'under 60 words'],
  [200, '60 to 200 words'],
  [Number.POSITIVE_INFINITY, 'over 200 words'],
] as const;

/** Names of the slices of an article: its length, and its language, dialect, source, genre and region where known. */
export function slicesOf(article: Article): string[] {
  const words = articleText(article).split(/\s+/).length;
  const [, length] = LENGTHS.find(([limit]) => words < limit)!;
  const fields = ['language', 'dialect', 'source', 'genre', 'region'] as const;
  return [
    `length: ${length}`,
    ...fields.flatMap((field) => (article[field] === undefined ? [] : [`${field}: ${article[field]}`])),
  ];
}

export interface Slice {
  /** For example `language: en`. */
  name: string;
  records: number;
  microF1: Interval;
}

/** Fewer records than this say nothing about a slice. */
export const FEWEST_IN_SLICE = 10;

/** Scores of every slice that is large enough, worst first. */
export function scoreSlices(
  score: Scorer,
  { known }: HeadTargets,
  slices: readonly (readonly string[])[],
  { seed }: { seed: number },
): Slice[] {
  const members = new Map<string, number[]>();
  for (const [row, names] of slices.entries()) {
    if (!known[row]) continue;
    for (const name of names) {
      const rows = members.get(name) ?? [];
      rows.push(row);
      members.set(name, rows);
    }
  }
  return [...members]
    .filter(([, rows]) => rows.length >= FEWEST_IN_SLICE)
    .map(([name, rows]) => {
      const statistic = (drawn: readonly number[]) => [score(drawn.map((i) => rows[i]!)).microF1];
      const [microF1] = bootstrapIntervals(rows.length, statistic, { seed });
      return { name, records: rows.length, microF1: microF1! };
    })
    .sort((a, b) => a.microF1.value - b.microF1.value);
}
