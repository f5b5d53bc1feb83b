/** Runs without a model for tests: a stand-in answers, everything else is real. */

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import type { AnswerBlock, Outcome } from '../../src/bulk/block.ts';
import { labelColumns } from '../../src/bulk/output/columns.ts';
import type { BulkRun } from '../../src/bulk/run.ts';
import { runBulk } from '../../src/bulk/run.ts';
import { DEFAULT_TEXT_COLUMNS, rowText } from '../../src/bulk/text.ts';
import type { Answer } from '../../src/classifier/pipeline.ts';
import { toyTaxonomy } from '../classifier/toy.ts';

export const folder = await mkdtemp(join(tmpdir(), 'rasid-bulk-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;
/** A path of its own for each call. */
export const fresh = (name: string) => join(folder, `${count++}-${name}`);

export async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = fresh(name);
  await writeFile(path, content);
  return path;
}

/** What stands beside a path under its name. */
export const beside = async (path: string) =>
  (await readdir(dirname(path))).filter((name) => name.startsWith(basename(path))).sort();

/** The labels of a text are the names of labels that stand in it. */
export function standInAnswer(text: string): Answer {
  const topics = ['sea', 'sky', 'land'].filter((label) => text.includes(label));
  const mood = text.includes('storm') ? 'storm' : 'calm';
  const scored = (ids: string[]) => ids.map((id) => ({ id, score: 0.9 }));
  const abstains = topics.length === 0;
  return {
    heads: {
      topics: { accepted: scored(topics), scores: scored(['sea', 'sky', 'land']) },
      mood: { accepted: scored([mood]), scores: scored(['calm', 'storm']) },
    },
    abstains,
    reasons: abstains ? ['no-label'] : [],
    similarity: 1,
    tokens: text.length,
    truncated: text.length > 1_000,
    html: false,
  };
}

export const standIn: AnswerBlock = async ({ index, rows }) => {
  // Later blocks are ready before earlier ones.
  await new Promise((resolve) => setTimeout(resolve, index % 3 === 0 ? 4 : 0));
  const outcomes = rows.map(({ columns }): Outcome => {
    const read = rowText(columns, DEFAULT_TEXT_COLUMNS);
    return 'text' in read ? { prediction: standInAnswer(read.text) } : read;
  });
  return { index, model: 'stand-in', outcomes };
};

/** A run of small blocks on one JSON Lines file, unless told otherwise. */
export function run(input: string, output: string, changes: Partial<BulkRun> = {}) {
  return runBulk({
    inputs: [{ path: input, format: 'jsonl' }],
    output,
    answer: standIn,
    model: 'stand-in',
    added: labelColumns(toyTaxonomy, { prefix: 'predicted_', allScores: false }),
    textColumn: 'text',
    blockRows: 10,
    blocksAhead: 3,
    facts: {},
    ...changes,
  });
}

/** Rows that differ, with every label among their words. */
export const rows = (n: number) =>
  Array.from({ length: n }, (_, i) => ({
    id: i,
    text: `خبر ${i} ${['sea', 'sky storm', 'land sea', 'none'][i % 4]}`,
    tags: [`t${i % 3}`],
  }));

export const lines = (records: readonly unknown[]) =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('');

export const readLines = async (path: string) =>
  (await readFile(path, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
