/** What the queue costs two workers, beside two that are fed from files of their own; and how workers add up. */

import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cpuOf } from '../cpu-time.ts';
import {
  type Bench,
  describeRun,
  end,
  median,
  runThrough,
  startHelper,
  startWorker,
  writeInput,
} from './fleet.ts';

interface Cost {
  /** Rows a second by the clock. */
  rate: number;
  /** CPU time of all that takes part, s. */
  cpu: number;
}

/** Small, so that all workers end at about the same time, as they would in a run of hours. */
const BLOCK_ROWS = 64;
/** Rows done by every worker before the measurement, for programs are slow at first. */
const WARM_UP = 512;

/** Two processes, each with half of the rows in a file of its own. */
async function directly(bench: Bench, input: string, rows: number): Promise<Cost> {
  const { folder } = bench;
  const warmUp = await writeInput(bench, WARM_UP);
  const lines = (await readFile(input, 'utf8')).trimEnd().split('\n');
  const workers = await Promise.all(
    [0, 1].map(async (half) => {
      const own = join(folder, `half-${half}.jsonl`);
      await writeFile(own, `${lines.filter((_, i) => i % 2 === half).join('\n')}\n`);
      return startHelper('./direct-worker.ts', warmUp, own, String(BLOCK_ROWS));
    }),
  );
  const cpu = async () =>
    (await Promise.all(workers.map(({ pid }) => cpuOf(pid!)))).reduce((a, b) => a + b, 0);
  const before = await cpu();
  const begun = performance.now();
  await Promise.all(
    workers.map((worker) => {
      const done = once(worker, 'message');
      worker.send('go');
      return done;
    }),
  );
  const rate = rows / ((performance.now() - begun) / 1_000);
  const cost = { rate, cpu: (await cpu()) - before };
  await Promise.all(
    workers.map((worker) => {
      const ended = once(worker, 'exit');
      worker.send('end');
      return ended;
    }),
  );
  return cost;
}

/** The same rows through Redis; submitting and collecting count, and so does Redis. */
async function queued(bench: Bench, input: string, rows: number, count: number, name: string): Promise<Cost> {
  const description = await describeRun(bench.config, input, BLOCK_ROWS);
  const workers = await Promise.all(Array.from({ length: count }, () => startWorker(bench)));
  const warmUp = await describeRun(bench.config, await writeInput(bench, WARM_UP * count), BLOCK_ROWS);
  await runThrough(bench, `${name}-warm-up`, warmUp);
  // Workers and Redis are children of this process.
  const cpus = () =>
    Promise.all([process.pid, bench.redis.pid, ...workers.map(({ pid }) => pid!)].map(cpuOf));
  const before = await cpus();
  const { ms } = await runThrough(bench, name, description);
  const [all, redis, ...own] = (await cpus()).map((cpu, i) => cpu - before[i]!);
  const cost = { rate: rows / (ms / 1_000), cpu: all! };
  const share = (cpu: number) => ((1_000 * cpu) / rows).toFixed(2);
  const working = own.reduce((a, b) => a + b, 0);
  bench.print(
    `  ms of CPU a row: workers ${share(working)}, Redis ${share(redis!)}, submitting and collecting ${share(all! - redis! - working)}`,
  );
  await Promise.all(workers.map(end));
  return cost;
}

export async function measureOverhead(bench: Bench, rows: number, rounds: number): Promise<void> {
  const { print } = bench;
  const input = await writeInput(bench, rows);
  const rates: number[] = [];
  const cpus: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    // In turns, so that a machine that grows busier favours neither.
    const early = round % 2 === 0 ? await queued(bench, input, rows, 2, `overhead-${round}`) : undefined;
    const direct = await directly(bench, input, rows);
    const queue = early ?? (await queued(bench, input, rows, 2, `overhead-${round}`));
    rates.push(queue.rate / direct.rate);
    cpus.push(queue.cpu / direct.cpu);
    const ms = ({ cpu }: Cost) => ((1_000 * cpu) / rows).toFixed(2);
    print(
      `round ${round}: directly ${direct.rate.toFixed(0)} rows/s, ${ms(direct)} ms of CPU a row; through the queue ${queue.rate.toFixed(0)} rows/s, ${ms(queue)} ms of CPU a row`,
    );
  }
  const percent = (ratio: number) => `${(100 * ratio).toFixed(1)} %`;
  print(
    `queue overhead at two workers, medians of ${rounds} rounds: time ${percent(1 / median(rates) - 1)}, CPU time ${percent(median(cpus) - 1)}`,
  );
}

export async function measureGrowth(bench: Bench, rows: number): Promise<void> {
  const input = await writeInput(bench, rows);
  for (const count of [1, 2, 3]) {
    const { rate, cpu } = await queued(bench, input, rows, count, `growth-${count}`);
    bench.print(
      `${count} workers of one encoder process each: ${rate.toFixed(0)} rows/s, ${((1_000 * cpu) / rows).toFixed(2)} ms of CPU a row`,
    );
  }
}
