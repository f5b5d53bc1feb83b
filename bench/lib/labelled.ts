/** Labelled rows for measuring: one JSON object a line with `text`, `split` and `labels.<field>`; gzip or xz or plain. */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { readSource } from '../../src/dataset/formats/source.ts';
import { readRecords } from '../../src/dataset/jsonl.ts';
import { describeReadError, RasidError } from '../../src/errors.ts';
import { drawRows } from './probe.ts';

export interface Labelled {
  name: string;
  /** Names of the classes, sorted. */
  classes: string[];
  train: { texts: string[]; labels: number[] };
  dev: { texts: string[]; labels: number[] };
  /** Rows left out because they carry several labels or none. */
  leftOut: number;
  /** Whether the dev rows are a fifth of the file's rows, by hash of the id, for want of a dev split. */
  heldOutByHash: boolean;
}

async function* unxz(path: string): AsyncGenerator<Uint8Array> {
  await access(path).catch((error) => {
    throw describeReadError(error, path);
  });
  const xz = spawn('xz', ['-dc', path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(xz, 'close');
  ended.catch(() => {}); // Met below, once what it wrote has been read.
  yield* xz.stdout as AsyncIterable<Uint8Array>;
  const [code] = await ended;
  if (code !== 0) throw new RasidError('data-invalid', `${path} is not valid xz`);
}

/**
 * The JSON objects of a file, one a line.
 * @throws RasidError `file-unreadable`, `gzip-invalid`, `data-invalid` or `utf8-invalid`
 */
export async function* readLines(path: string): AsyncGenerator<Record<string, unknown>> {
  const bytes = path.endsWith('.xz') ? unxz(path) : readSource(path);
  try {
    for await (const { record } of readRecords(bytes, path, z.looseObject({}))) yield record;
  } catch (error) {
    if (!(error instanceof RasidError) || error.code !== 'gzip-invalid') throw error;
    throw new RasidError(error.code, `${path} ${error.message}`, { cause: error });
  }
}

/** A fifth of the rows, by hash of the id: the dev split of a set that has none. */
export const inFifth = (id: string) => createHash('sha256').update(id).digest()[0]! % 5 === 0;

interface Row {
  id: string;
  text: string;
  split?: string;
  lang?: string;
  labels?: Record<string, string | string[]>;
}

export interface LabelledOptions {
  /** Label field; else the only one, or the first. */
  field?: string;
  /** Only rows of this language. */
  lang?: string;
  /** Classes to leave out. */
  without?: readonly string[];
  /** At most so many training rows and dev rows, the first in a fixed shuffled order. */
  most?: number;
}

/**
 * Reads a labelled set. A set without dev rows gets a fifth of its rows as such.
 * @throws RasidError as `readLines`, and `data-empty`
 */
export async function readLabelled(path: string, options: LabelledOptions = {}): Promise<Labelled> {
  const rows: { id: string; text: string; split: string; label: string }[] = [];
  let leftOut = 0;
  for await (const line of readLines(path)) {
    const { id, text, split = 'train', lang, labels = {} } = line as unknown as Row;
    if (options.lang !== undefined && lang !== options.lang) continue;
    const value = labels[options.field ?? Object.keys(labels)[0]!];
    const label = Array.isArray(value) ? (value.length === 1 ? value[0] : undefined) : value;
    if (label === undefined || options.without?.includes(label)) leftOut += 1;
    else rows.push({ id, text, split, label });
  }
  if (rows.length === 0)
    throw new RasidError('data-empty', `${path} holds no row with one label that counts`, {
      hint: 'Check --field, --lang and --without.',
    });
  const noDev = !rows.some(({ split }) => split === 'dev');
  const classes = [...new Set(rows.map(({ label }) => label))].sort();
  const index = new Map(classes.map((label, i) => [label, i]));
  const part = (dev: boolean) => {
    const own = rows.filter(({ id, split }) => (noDev ? inFifth(id) : split === 'dev') === dev);
    const all = { texts: own.map(({ text }) => text), labels: own.map(({ label }) => index.get(label)!) };
    return thin(all, options.most ?? Number.POSITIVE_INFINITY);
  };
  const name = basename(path).replace(/\..*/, '') + (options.lang ? `/${options.lang}` : '');
  return { name, classes, train: part(false), dev: part(true), leftOut, heldOutByHash: noDev };
}

function thin(part: Labelled['train'], most: number): Labelled['train'] {
  if (part.texts.length <= most) return part;
  const rows = drawRows(part.labels, 1_000, Number.POSITIVE_INFINITY, 5).slice(0, most);
  return { texts: rows.map((row) => part.texts[row]!), labels: rows.map((row) => part.labels[row]!) };
}
