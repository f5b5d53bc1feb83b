/** Labelled rows for measuring: one JSON object a line with `text`, `split` and `labels.<field>`; gzip or xz or plain. */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
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

function open(path: string): NodeJS.ReadableStream {
  if (path.endsWith('.gz')) return createReadStream(path).pipe(createGunzip());
  if (path.endsWith('.xz'))
    return spawn('xz', ['-dc', path], { stdio: ['ignore', 'pipe', 'inherit'] }).stdout;
  return createReadStream(path);
}

/** The JSON objects of a file, one a line. */
export async function* readLines(path: string): AsyncGenerator<Record<string, unknown>> {
  for await (const line of createInterface({ input: open(path), crlfDelay: Number.POSITIVE_INFINITY }))
    if (line.trim() !== '') yield JSON.parse(line);
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

/** Reads a labelled set. A set without dev rows gets a fifth of its rows as such. */
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
