/** One foreign row into one article, or the reason why it cannot be one. */

import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { ErrorCode } from '../../errors.ts';
import { type Article, articleText } from '../article.ts';
import { firstIssue, type Head, type Taxonomy } from '../taxonomy.ts';
import { FIELDS, type Mapping } from './mapping.ts';

export interface Rejection {
  code: ErrorCode;
  reason: string;
}

export interface Converted {
  article: Article;
  /** Heads whose labels were all mapped to nothing. */
  unlabelled: string[];
}

/** A cell by its column's name, or by a path through objects; undefined where there is no such column. */
export function cellOf(fields: Record<string, unknown>, column: string): unknown {
  if (Object.hasOwn(fields, column)) return fields[column];
  let value: unknown = fields;
  for (const part of column.split('.')) {
    const holds = typeof value === 'object' && value !== null && Object.hasOwn(value, part);
    value = holds ? (value as Record<string, unknown>)[part] : undefined;
  }
  return value;
}

/** The same, with null and empty cells undefined as well. */
function filledCell(fields: Record<string, unknown>, column: string): unknown {
  const value = cellOf(fields, column);
  return value === null || value === '' ? undefined : value;
}

const isScalar = (value: unknown) => ['string', 'number', 'bigint', 'boolean'].includes(typeof value);
const reject = (code: ErrorCode, reason: string): Rejection => ({ code, reason });

/** Why a string cannot be part of an article. */
function damage(text: string): string | undefined {
  if (text.includes('\0')) return 'holds a NUL byte';
  return text.includes('\ufffd') ? 'holds U+FFFD: it was damaged when it was decoded' : undefined;
}

/** The text of a cell; a number is taken for an id and the like, but not for a text. */
function textOf(value: unknown, field: string, column: string): string | undefined | Rejection {
  if (value === undefined) return undefined;
  const isProse = field === 'text' || field === 'title';
  if (isProse ? typeof value !== 'string' : !isScalar(value))
    return reject('data-invalid', `column ${column}: is no text`);
  const found = damage(String(value));
  return found === undefined ? String(value) : reject('data-invalid', `column ${column}: ${found}`);
}

/** Foreign labels of a cell: a list, or a string that a separator cuts. */
function foreignLabels(value: unknown, separator: string | undefined): string[] | undefined {
  if (value === undefined) return [];
  const parts = Array.isArray(value) ? value : separator ? String(value).split(separator) : [value];
  if (!parts.every(isScalar)) return undefined;
  return parts.map((part) => String(part).trim()).filter((part) => part !== '');
}

/** Labels of one head: undefined where the row says nothing about it. */
function headLabels(
  head: Head,
  value: unknown,
  { column, separator, values }: Mapping['labels'][string],
): string[] | undefined | Rejection {
  const foreign = foreignLabels(value, separator);
  if (foreign === undefined) return reject('data-invalid', `column ${column}: is neither a label nor a list`);
  if (foreign.length === 0) return undefined;
  const ours = new Set<string>();
  for (const label of foreign) {
    const isOurs = head.labels.some(({ id }) => id === label);
    const mapped = Object.hasOwn(values, label) ? values[label]! : isOurs ? label : undefined;
    if (mapped === undefined) {
      const advice = `name it in labels.${head.id}.values of the mapping`;
      return reject('label-unknown', `column ${column}: unknown label ${JSON.stringify(label)}; ${advice}`);
    }
    for (const id of [mapped ?? []].flat()) ours.add(id);
  }
  if (head.kind === 'one-of' && ours.size > 1)
    return reject('data-invalid', `column ${column}: head ${head.id} takes one label, not ${ours.size}`);
  return [...ours];
}

const isRejection = (value: unknown): value is Rejection =>
  typeof value === 'object' && value !== null && 'reason' in value;

/** Names an article by its content, so that importing it again gives it the same id. */
export function contentId(article: Pick<Article, 'text' | 'title'>): string {
  return createHash('sha256').update(articleText(article)).digest('hex').slice(0, 16);
}

/** @returns A function that converts rows; what it gives satisfies the schema. */
export function createConverter(mapping: Mapping, taxonomy: Taxonomy, schema: z.ZodType<Article>) {
  return (fields: Record<string, unknown>): Converted | Rejection => {
    const record: Record<string, unknown> = {};
    for (const field of FIELDS) {
      const column = mapping.columns[field];
      const value = column === undefined ? undefined : textOf(filledCell(fields, column), field, column);
      if (isRejection(value)) return value;
      const constant = (mapping.constants as Record<string, string | undefined>)[field];
      const given = value ?? constant;
      if (given !== undefined) record[field] = given;
    }
    if (record.text === undefined)
      return reject('data-invalid', `column ${mapping.columns.text}: has no text`);
    if (mapping.columns.id !== undefined && record.id === undefined)
      return reject('data-invalid', `column ${mapping.columns.id}: has no id`);
    if (typeof record.split === 'string') record.split = mapping.splits[record.split] ?? record.split;
    record.id ??= contentId(record as Pick<Article, 'text' | 'title'>);

    const labels: Record<string, string | string[]> = {};
    const unlabelled: string[] = [];
    for (const head of taxonomy.heads) {
      const own = mapping.labels[head.id];
      if (own === undefined) continue;
      const ids = headLabels(head, filledCell(fields, own.column), own);
      if (isRejection(ids)) return ids;
      if (ids === undefined) continue;
      if (ids.length === 0) unlabelled.push(head.id);
      else labels[head.id] = head.kind === 'one-of' ? ids[0]! : ids;
    }
    if (Object.keys(labels).length > 0) record.labels = labels;
    const parsed = schema.safeParse(record);
    if (parsed.success) return { article: parsed.data, unlabelled };
    return reject('data-invalid', firstIssue(parsed.error));
  };
}
