/** One labelled text, as every reader and writer of data knows it. */

import { z } from 'zod';
import { isReadable, isWellFormed } from '../text/content.ts';
import type { Taxonomy } from './taxonomy.ts';

export const SPLITS = ['train', 'validation', 'test'] as const;
export type Split = (typeof SPLITS)[number];

const readable = z
  .string()
  .min(1, 'is empty')
  .refine(isWellFormed, 'holds a lone surrogate: it is no valid Unicode text')
  .refine((text) => !isWellFormed(text) || isReadable(text), 'holds nothing to read: no letter and no digit');

/** Labels by head: a list for a multi-label head, one id for a one-of head. A head that is not known is left out. */
export type Labels = Record<string, string[] | string>;

const shape = {
  id: z.string().min(1, 'is empty'),
  text: readable,
  title: readable.optional(),
  split: z.enum(SPLITS).optional(),
  source: z.string().optional(),
  /** BCP 47, e.g. `ar`, `ckb`. */
  language: z.string().optional(),
  dialect: z.string().optional(),
  genre: z.string().optional(),
  region: z.string().optional(),
};

/** The schema of an article whose labels are known to a taxonomy. */
export function articleSchema(taxonomy: Taxonomy) {
  const heads = taxonomy.heads.map((head) => {
    const label = z.enum(head.labels.map((l) => l.id) as [string, ...string[]], {
      error: (issue) =>
        `unknown label ${JSON.stringify(issue.input)}; head ${head.id} has ${head.labels.map((l) => l.id).join(', ')}`,
    });
    const list = z
      .array(label)
      .min(1, 'names no label: leave the head out if its labels are not known')
      .refine((ids) => new Set(ids).size === ids.length, 'names a label twice');
    return [head.id, (head.kind === 'one-of' ? label : list).optional()] as const;
  });
  const labels = z.strictObject(Object.fromEntries(heads)) as unknown as z.ZodType<Labels>;
  return z.strictObject({ ...shape, labels: labels.optional() });
}

export type Article = z.infer<ReturnType<typeof articleSchema>>;

/** What the encoder reads of an article: its title, where there is one, and its text. */
export function articleText(article: Pick<Article, 'text' | 'title'>): string {
  return article.title === undefined ? article.text : `${article.title}\n${article.text}`;
}

/** Label ids of one head, as a list whatever the head's kind; undefined where the head is not known. */
export function labelsOf(article: Pick<Article, 'labels'>, head: string): string[] | undefined {
  const value = article.labels?.[head];
  return value === undefined ? undefined : typeof value === 'string' ? [value] : value;
}
