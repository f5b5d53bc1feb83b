/** How many workers one Redis and one collecting process can serve: stand-ins that wait instead of computing. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBulkModel } from '../../../src/bulk/model.ts';
import { DEFAULT_PREFIX } from '../../../src/bulk/output/columns.ts';
import { cancelRun } from '../../../src/bulk/queue/cancel.ts';
import { connectQueue, disconnect } from '../../../src/bulk/queue/connection.ts';
import { statusOf } from '../../../src/bulk/queue/status.ts';
import { submitRun } from '../../../src/bulk/queue/submit.ts';
import { readBlocks } from '../../../src/bulk/read.ts';
import { DEFAULT_TEXT_COLUMNS } from '../../../src/bulk/text.ts';
import { cpuOf } from '../cpu-time.ts';
import { type Bench, describeRun, end, runThrough, startHelper, writeInput } from './fleet.ts';

/** Time that a machine of two cores takes for a row, ms. */
const MS_PER_ROW = 3.4;
const FLEETS = [1, 2, 4, 8];

/** Writes what the real model says of the first rows of an input. @returns The path. */
async function writeOutcomes({ config, folder }: Bench, input: string): Promise<string> {
  const labels = { prefix: DEFAULT_PREFIX, allScores: false };
  const model = await openBulkModel(config, { columns: DEFAULT_TEXT_COLUMNS, labels });
  const path = join(folder, 'outcomes.json');
  try {
    for await (const block of readBlocks([{ path: input, format: 'jsonl' }], { blockRows: 256 })) {
      await writeFile(path, JSON.stringify((await model.answer(block)).outcomes));
      break;
    }
  } finally {
    await model.close();
  }
  return path;
}

export async function measureCeiling(bench: Bench, rows: number): Promise<void> {
  const { config, redis, print } = bench;
  const input = await writeInput(bench, rows);
  const outcomes = await writeOutcomes(bench, input);
  const startStandIns = (count: number, model: string, msPerRow: number) =>
    Promise.all(
      Array.from({ length: count }, () =>
        startHelper('./stand-in-worker.ts', redis.url, model, String(msPerRow), outcomes),
      ),
    );

  const description = await describeRun(config, input, 64);
  for (const count of FLEETS) {
    const workers = await startStandIns(count, description.model, MS_PER_ROW);
    const { ms } = await runThrough(bench, `fleet-${count}`, description);
    await Promise.all(workers.map(end));
    const [rate, ideal] = [rows / (ms / 1_000), (count * 1_000) / MS_PER_ROW];
    print(
      `${count} stand-ins of ${MS_PER_ROW} ms a row: ${rate.toFixed(0)} rows/s, ${((100 * rate) / ideal).toFixed(0)} % of ${ideal.toFixed(0)}`,
    );
  }

  // Each step by itself, with blocks as they are by default.
  const whole = await describeRun(config, input);
  const queueConfig = { ...config, redisUrl: redis.url };
  const connection = await connectQueue(queueConfig, print);
  const usedMemory = async () => Number(/used_memory:(\d+)/.exec(await connection.info('memory'))![1]);
  try {
    const [memory, redisCpu] = [await usedMemory(), await cpuOf(redis.pid)];
    const begun = performance.now();
    await submitRun(connection, queueConfig, { name: 'steps', description: whole });
    const submitted = performance.now() - begun;
    const held = (await usedMemory()) - memory;
    const workers = await startStandIns(1, whole.model, 0);
    while ((await statusOf(connection, queueConfig, 'steps'))[0]!.answered < rows)
      await new Promise((resolve) => setTimeout(resolve, 100));
    await Promise.all(workers.map(end));
    const kept = (await usedMemory()) - memory;
    const { ms } = await runThrough(bench, 'steps', whole);
    const blocks = Math.ceil(rows / whole.blockRows);
    print(
      `submitting ${(rows / (submitted / 1_000)).toFixed(0)} rows/s; collecting ${(rows / (ms / 1_000)).toFixed(0)} rows/s`,
    );
    print(
      `memory of Redis: ${(held / rows).toFixed(0)} bytes a row submitted, ${(kept / rows).toFixed(0)} a row answered; its CPU time ${((1_000 * ((await cpuOf(redis.pid)) - redisCpu)) / blocks).toFixed(1)} ms a block of ${whole.blockRows}`,
    );
    const before = await usedMemory();
    const description = { ...whole, blockRows: 16, shared: join(bench.folder, 'shared') };
    const { blocks: files } = await submitRun(connection, queueConfig, { name: 'shared', description });
    print(`with --shared: ${(((await usedMemory()) - before) / files).toFixed(0)} bytes of Redis a block`);
    await cancelRun(connection, queueConfig, 'shared');
  } finally {
    disconnect(connection);
  }
}
