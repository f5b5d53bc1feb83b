/** JSON Lines in and out: streaming, with file and line number in every complaint. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { z } from 'zod';
import { describeReadError, RasidError } from '../errors.ts';
import { writeFileAtomically } from '../storage.ts';
import { type Article, articleSchema } from './article.ts';
import { firstIssue, type Taxonomy } from './taxonomy.ts';

export interface Line {
  /** Counted from 1. */
  number: number;
  text: string;
}

/** The bytes of each line of a stream without its LF. */
export async function* splitLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array[] = [];
  for await (const chunk of source) {
    let start = 0;
    for (let i = chunk.indexOf(10); i >= 0; i = chunk.indexOf(10, start)) {
      const end = chunk.subarray(start, i);
      yield rest.length === 0 ? end : Buffer.concat([...rest, end]);
      rest = [];
      start = i + 1;
    }
    if (start < chunk.length) rest.push(Buffer.from(chunk.subarray(start)));
  }
  if (rest.length > 0) yield Buffer.concat(rest);
}

/**
 * Lines of a UTF-8 stream without their ends (LF or CRLF). A byte order mark at the start is dropped.
 * @throws RasidError `utf8-invalid` at the first line that is not valid UTF-8.
 */
export async function* readLines(source: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let number = 0;
  for await (const bytes of splitLines(source)) {
    number += 1;
    let text: string;
    try {
      text = decoder.decode(bytes);
    } catch {
      throw new RasidError('utf8-invalid', `${name}:${number}: not valid UTF-8`, {
        hint: 'Save the file as UTF-8.',
      });
    }
    if (number === 1 && text.startsWith('\ufeff')) text = text.slice(1);
    yield { number, text: text.endsWith('\r') ? text.slice(0, -1) : text };
  }
}

/** The bytes of a file. @throws RasidError `file-unreadable` */
export async function* readBytes(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw describeReadError(error, path);
  }
}

/** A head or label that the taxonomy does not hold has a code of its own: the remedy is another. */
function errorCode(error: z.ZodError): 'label-unknown' | 'data-invalid' {
  const { code, path } = error.issues[0]!;
  const isUnknown = code === 'unrecognized_keys' || code === 'invalid_value';
  return path[0] === 'labels' && isUnknown ? 'label-unknown' : 'data-invalid';
}

/**
 * Records of a JSON Lines stream, checked by a schema. Blank lines are passed over.
 * @throws RasidError `data-invalid`, `label-unknown` or `utf8-invalid`, naming file, line and field.
 */
export async function* readRecords<T>(
  source: AsyncIterable<Uint8Array>,
  name: string,
  schema: z.ZodType<T>,
): AsyncGenerator<{ number: number; record: T }> {
  for await (const { number, text } of readLines(source, name)) {
    if (text.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw new RasidError('data-invalid', `${name}:${number}: not valid JSON (${(error as Error).message})`);
    }
    const parsed = schema.safeParse(value);
    if (!parsed.success) {
      throw new RasidError(errorCode(parsed.error), `${name}:${number}: ${firstIssue(parsed.error)}`);
    }
    yield { number, record: parsed.data };
  }
}

/**
 * All articles of a file.
 * @throws RasidError `file-unreadable`, `utf8-invalid`, `data-invalid`, `label-unknown`, `id-duplicate` or `data-empty`.
 */
export async function readArticles(path: string, taxonomy: Taxonomy): Promise<Article[]> {
  const articles: Article[] = [];
  const lines = new Map<string, number>();
  for await (const { number, record } of readRecords(readBytes(path), path, articleSchema(taxonomy))) {
    const first = lines.get(record.id);
    if (first !== undefined) {
      throw new RasidError(
        'id-duplicate',
        `${path}:${number}: id: ${JSON.stringify(record.id)} stands in line ${first} already`,
      );
    }
    lines.set(record.id, number);
    articles.push(record);
  }
  if (articles.length === 0) throw new RasidError('data-empty', `${path}: holds no record`);
  return articles;
}

/** Writes records as JSON Lines, atomically. */
export async function writeRecords(path: string, records: readonly unknown[]): Promise<void> {
  await writeFileAtomically(path, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

/** sha256 over what training reads of the articles, in their order. */
export function hashArticles(articles: readonly Article[]): string {
  const hash = createHash('sha256');
  for (const { id, title, text, labels, split } of articles) {
    hash.update(`${JSON.stringify([id, title ?? null, text, labels ?? null, split ?? null])}\n`);
  }
  return hash.digest('hex');
}
