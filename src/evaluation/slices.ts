/** Groups of records that may fare differently. */

import { type Article, articleText } from '../dataset/article.ts';

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
