/** How the labels are spread: counts, imbalance, and which occur together. */

import { type Article, labelsOf, SPLITS } from '../dataset/article.ts';
import type { Taxonomy } from '../dataset/taxonomy.ts';
import type { Finding, HeadOverview } from './report.ts';

/** A label with fewer articles than this share of the most frequent one's is rare. */
const RARE = 1 / 20;
/** Articles of two labels together that chance lets expect, from which their absence says something: e⁻¹⁰ < 10⁻⁴. */
const EXPECTED = 10;
/** A label that nearly all articles carry occurs with every other one as a matter of course. */
const NEARLY_ALL = 0.9;
/** A label with fewer articles tells nothing of what goes with it. */
const FEWEST = 10;

export function countHeads(articles: readonly Article[], taxonomy: Taxonomy): HeadOverview[] {
  return taxonomy.heads.map((head) => {
    const labels = new Map(
      head.labels.map(({ id }) => [
        id,
        { label: id, articles: 0, splits: { train: 0, validation: 0, test: 0 } },
      ]),
    );
    let known = 0;
    for (const article of articles) {
      const ids = labelsOf(article, head.id);
      if (ids === undefined) continue;
      known += 1;
      for (const id of ids) {
        const count = labels.get(id)!;
        count.articles += 1;
        if (article.split !== undefined) count.splits[article.split] += 1;
      }
    }
    return { head: head.id, articles: known, labels: [...labels.values()] };
  });
}

/** Labels that are rare beside the most frequent one, and labels that a split lacks. */
export function imbalanceFindings(heads: readonly HeadOverview[]): Finding[] {
  return heads.flatMap(({ head, articles, labels }) => {
    const most = labels.reduce((a, b) => (b.articles > a.articles ? b : a));
    const used = SPLITS.filter((split) => labels.some(({ splits }) => splits[split] > 0));
    return labels.flatMap(({ label, articles: count, splits }): Finding[] => {
      const name = `${head}/${label}`;
      if (articles === 0) return [];
      if (count < most.articles * RARE) {
        const share = `${count} of ${articles} articles, the most frequent label (${most.label}) ${most.articles}`;
        return [{ ids: [], message: `${name}: ${share}`, details: { head, label, articles: count } }];
      }
      const absent = used.filter((split) => splits[split] === 0);
      if (absent.length === 0) return [];
      return [
        { ids: [], message: `${name}: no article in ${absent.join(', ')}`, details: { head, label, absent } },
      ];
    });
  });
}

interface Column {
  head: string;
  label: string;
  isOneOf: boolean;
  /** Rows that carry the label. */
  rows: Set<number>;
  /** Rows that know the head. */
  known: Set<number>;
}

function columnsOf(articles: readonly Article[], taxonomy: Taxonomy): Column[] {
  return taxonomy.heads.flatMap((head) => {
    const known = new Set<number>();
    const columns = new Map<string, Column>(
      head.labels.map(({ id }) => [
        id,
        { head: head.id, label: id, isOneOf: head.kind === 'one-of', rows: new Set(), known },
      ]),
    );
    for (const [row, article] of articles.entries()) {
      const ids = labelsOf(article, head.id);
      if (ids !== undefined) known.add(row);
      for (const id of ids ?? []) columns.get(id)!.rows.add(row);
    }
    return [...columns.values()];
  });
}

/** Rows in both sets. */
function shared(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  const [small, large] = a.size <= b.size ? [a, b] : [b, a];
  let count = 0;
  for (const row of small) if (large.has(row)) count += 1;
  return count;
}

/** What is wrong with one pair of labels, if anything. */
function judgePair(a: Column, b: Column): Finding | undefined {
  const known = shared(a.known, b.known);
  const [inA, inB] = [shared(a.rows, b.known), shared(b.rows, a.known)];
  if (known === 0 || inA === 0 || inB === 0) return undefined;
  const together = shared(a.rows, b.rows);
  const expected = (inA * inB) / known;
  const names = [`${a.head}/${a.label}`, `${b.head}/${b.label}`] as const;
  const details = { labels: names, together, expected };
  if (together === 0) {
    if (expected < EXPECTED) return undefined;
    const message = `${names[0]} and ${names[1]} never occur together; by their counts ${expected.toFixed(0)} times`;
    return { ids: [], message, details };
  }
  const always = (inner: number, outer: number) =>
    together === inner && inner >= FEWEST && outer < NEARLY_ALL * known;
  const message = (one: string, other: string, count: number) =>
    `all ${count} articles of ${one} are also of ${other}; by chance ${expected.toFixed(0)} would be`;
  if (always(inA, inB)) return { ids: [], message: message(names[0], names[1], inA), details };
  if (always(inB, inA)) return { ids: [], message: message(names[1], names[0], inB), details };
  return undefined;
}

/** Label pairs, within a multi-label head and across heads, that never or always occur together. */
export function coOccurrenceFindings(articles: readonly Article[], taxonomy: Taxonomy): Finding[] {
  const columns = columnsOf(articles, taxonomy);
  return columns.flatMap((a, i) =>
    columns.slice(i + 1).flatMap((b) => {
      const excluded = a.isOneOf && a.head === b.head;
      const finding = excluded ? undefined : judgePair(a, b);
      return finding === undefined ? [] : [finding];
    }),
  );
}
