/** A Redis of the measurement's own, worker processes, and runs through them. */

import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openBulkModel } from '../../../src/bulk/model.ts';
import { DEFAULT_PREFIX } from '../../../src/bulk/output/columns.ts';
import { collectRun } from '../../../src/bulk/queue/collect.ts';
import { type QueueConfig, withRedis } from '../../../src/bulk/queue/connection.ts';
import type { RunDescription } from '../../../src/bulk/queue/run-state.ts';
import { submitRun } from '../../../src/bulk/queue/submit.ts';
import { DEFAULT_TEXT_COLUMNS } from '../../../src/bulk/text.ts';
import type { Config } from '../../../src/config.ts';
import { startRedis, type TestRedis } from '../../../test/bulk/queue/redis.ts';

export interface Bench {
  config: Config & QueueConfig;
  folder: string;
  redis: TestRedis;
  print: (line: string) => void;
}

/** As Redis is set up by most: its log is flushed every second. */
export const startBenchRedis = () => startRedis(['--appendfsync', 'everysec']);

/** Writes `rows` articles, taken in turn. @returns The path. */
export async function writeInput({ config, folder }: Bench, rows: number): Promise<string> {
  const articles = (await readFile(config.dataFile, 'utf8')).trimEnd().split('\n');
  const lines = Array.from({ length: rows }, (_, i) => articles[i % articles.length]!);
  const path = join(folder, `input-${rows}.jsonl`);
  await writeFile(path, `${lines.join('\n')}\n`);
  return path;
}

/** What `bulk -- submit` would tell of a run of the configured classifier. */
export async function describeRun(
  config: Config,
  input: string,
  blockRows = config.blockRows,
): Promise<RunDescription> {
  const labels = { prefix: DEFAULT_PREFIX, allScores: false };
  const opened = await openBulkModel(config, { columns: DEFAULT_TEXT_COLUMNS, labels });
  await opened.close();
  const { model, facts, metadata, taxonomy } = opened;
  const inputs = [{ path: input, format: 'jsonl' as const }];
  const run = { inputs, columns: DEFAULT_TEXT_COLUMNS, blockRows, model, facts, metadata, labels };
  return { ...run, ...(taxonomy ? { taxonomy } : {}) };
}

/** `npm run worker` with one encoder process, once it is ready. @param url Of Redis, or of a way to it. */
export async function startWorker({ redis }: Bench, url = redis.url): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/worker.ts', '--workers', '1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, RASID_REDIS_URL: url },
  });
  const lines = createInterface({ input: child.stdout! });
  for await (const line of lines) if (line.startsWith('ready')) break;
  child.stdout!.resume();
  return child;
}

/** A process of this folder that says when it is ready, and then waits for a message. */
export async function startHelper(name: string, ...argv: string[]): Promise<ChildProcess> {
  const entry = fileURLToPath(new URL(name, import.meta.url));
  const child = fork(entry, argv, { execArgv: ['--import', 'tsx'] });
  await once(child, 'message');
  return child;
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** Submits a run and collects it while it is answered. @returns The output's path, and ms of each step. */
export async function runThrough(
  { config, folder, redis, print }: Bench,
  name: string,
  description: RunDescription,
): Promise<{ output: string; submitMs: number; ms: number; rejected: number }> {
  const queueConfig = { ...config, redisUrl: redis.url };
  const output = join(folder, `${name}.jsonl`);
  return withRedis(queueConfig, print, async (connection) => {
    const begun = performance.now();
    await submitRun(connection, queueConfig, { name, description });
    const submitMs = performance.now() - begun;
    const collection = { name, output, wait: true, onNote: print };
    const { rejected } = await collectRun(connection, queueConfig, collection);
    return { output, submitMs, ms: performance.now() - begun, rejected };
  });
}

export const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
