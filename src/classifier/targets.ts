/** Labels as numbers, with a mask for the records whose head is not known. */

import { type Article, labelsOf } from '../dataset/article.ts';
import type { Head, Taxonomy } from '../dataset/taxonomy.ts';

export interface HeadTargets {
  head: Head;
  /** 1 where the label applies: row-major [n, labels]. */
  labels: Uint8Array;
  /** 1 where the record knows this head: [n]. */
  known: Uint8Array;
}

/** One entry per head of the taxonomy, in its order. */
export function encodeTargets(
  articles: readonly Pick<Article, 'labels'>[],
  taxonomy: Taxonomy,
): HeadTargets[] {
  return taxonomy.heads.map((head) => {
    const width = head.labels.length;
    const index = new Map(head.labels.map((label, i) => [label.id, i]));
    const labels = new Uint8Array(articles.length * width);
    const known = new Uint8Array(articles.length);
    for (const [row, article] of articles.entries()) {
      const ids = labelsOf(article, head.id);
      if (ids === undefined) continue;
      known[row] = 1;
      for (const id of ids) labels[row * width + index.get(id)!] = 1;
    }
    return { head, labels, known };
  });
}

/** How often each label of a head applies. */
export function countLabels({ head, labels }: HeadTargets): number[] {
  const width = head.labels.length;
  const counts = new Array<number>(width).fill(0);
  for (let i = 0; i < labels.length; i++) counts[i % width]! += labels[i]!;
  return counts;
}

/** The given rows, in that order. */
export function selectTargets({ head, labels, known }: HeadTargets, rows: readonly number[]): HeadTargets {
  const width = head.labels.length;
  const own = new Uint8Array(rows.length * width);
  for (const [i, row] of rows.entries()) own.set(labels.subarray(row * width, (row + 1) * width), i * width);
  return { head, labels: own, known: Uint8Array.from(rows, (row) => known[row]!) };
}
