/** What is read of a row: its text, and its title where it has one. */

import { articleText } from '../dataset/article.ts';
import { cellOf } from '../dataset/import/convert.ts';
import type { ErrorCode } from '../errors.ts';
import { whyUnreadable } from '../text/content.ts';

/** Columns by name; `a.b` is also field b of an object in column a. */
export interface TextColumns {
  text: string;
  title: string;
}

export const DEFAULT_TEXT_COLUMNS: TextColumns = { text: 'text', title: 'title' };

export type RowText = { text: string } | { code: ErrorCode; reason: string };

const isEmpty = (value: unknown) => value === undefined || value === null || value === '';

/** The text that the encoder reads of a row, or why it cannot be read. */
export function rowText(columns: Record<string, unknown>, names: TextColumns): RowText {
  const [text, title] = [cellOf(columns, names.text), cellOf(columns, names.title)];
  if (isEmpty(text)) return { code: 'data-invalid', reason: `column ${names.text}: has no text` };
  if (typeof text !== 'string') return { code: 'data-invalid', reason: `column ${names.text}: is no text` };
  const hasTitle = typeof title === 'string' && title !== '';
  const whole = articleText(hasTitle ? { title, text } : { text });
  const reason = whyUnreadable(text) ?? whyUnreadable(whole);
  return reason === undefined
    ? { text: whole }
    : { code: 'text-unreadable', reason: `column ${names.text}: ${reason}` };
}
