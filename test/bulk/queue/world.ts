/** Runs of the tests: rows whose answers are known, and a stand-in for the model that answers them at once. */

import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnswerBlock } from '../../../src/bulk/block.ts';
import type { QueueConfig } from '../../../src/bulk/queue/connection.ts';
import type { RunDescription } from '../../../src/bulk/queue/run-state.ts';
import { loadConfig } from '../../../src/config.ts';

export const MODEL = 'a'.repeat(64);
export const BLOCK_ROWS = 4;

export const queueConfig = (redisUrl: string, settings: Record<string, string> = {}): QueueConfig =>
  loadConfig({ redisUrl, jobAttempts: '1', ...settings }, {});

export interface World {
  folder: string;
  input: string;
  output: string;
  description: RunDescription;
}

/** A file of `rows` texts with an id each. */
export async function makeWorld(rows: number): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'rasid-queue-'));
  const input = join(folder, 'input.jsonl');
  const lines = Array.from({ length: rows }, (_, i) =>
    JSON.stringify({ id: i, text: `خبر ${'و'.repeat(i)}` }),
  );
  await writeFile(input, `${lines.join('\n')}\n`);
  return {
    folder,
    input,
    output: join(folder, 'output.jsonl'),
    description: {
      inputs: [{ path: input, format: 'jsonl' }],
      columns: { text: 'text', title: 'title' },
      blockRows: BLOCK_ROWS,
      model: MODEL,
      facts: {},
      metadata: {},
    },
  };
}

/** The vector of a text is its length; `before` may wait or fail. */
export const answerByLength =
  (before: (texts: readonly string[]) => void | Promise<void> = () => {}): AnswerBlock =>
  async ({ index, rows }) => {
    const texts = rows.map(({ columns }) => columns.text as string);
    await before(texts);
    const outcomes = texts.map((text) => ({ vector: Float32Array.of(text.length), truncated: false }));
    return { index, model: MODEL, outcomes };
  };

/** Rows of an output. */
export async function readOutput(path: string): Promise<{ id: number; vector: number[] }[]> {
  const text = await readFile(path, 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** What the output must hold: every row once, in order, with the length of its text. */
export const expectedRows = (rows: number) =>
  Array.from({ length: rows }, (_, i) => ({ id: i, vector: [4 + i] }));
