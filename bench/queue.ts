/**
 * What the queue costs: rows a second of two worker processes that are fed through Redis, beside two that are fed
 * directly; then with 1, 2 and 3 worker processes. Each worker has one encoder process. Redis is the machine's own
 * `redis-server`, started for the measurement.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { runCommand } from '../scripts/lib/cli.ts';

const PORT = '7461';
const URL = `redis://127.0.0.1:${PORT}`;
const tsx = (script: string, argv: readonly string[]) =>
  spawn(process.execPath, ['--import', 'tsx', script, ...argv], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, RASID_REDIS_URL: URL },
  });

/** Seconds that a command takes. */
async function timed(script: string, argv: readonly string[]): Promise<number> {
  const begun = performance.now();
  const child = tsx(script, argv);
  child.stdout!.resume();
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${script} ${argv.join(' ')} ended with exit code ${code}`);
  return (performance.now() - begun) / 1_000;
}

/** A worker process, once it is ready. */
async function startWorker(): Promise<ChildProcess> {
  const child = tsx('scripts/worker.ts', ['--workers', '1']);
  for await (const line of createInterface({ input: child.stdout! })) if (line.startsWith('ready')) break;
  child.stdout!.resume();
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

await runCommand({
  name: 'bench:queue',
  summary: 'Rows a second through Redis, beside a run on one machine with as many encoder processes.',
  options: {
    rows: { type: 'string', value: 'n', description: 'Rows (default 3000)' },
    rounds: { type: 'string', value: 'n', description: 'Rounds (default 3)' },
  },
  async run({ options, print }) {
    const rows = Number(options.rows ?? 3_000);
    const rounds = Number(options.rounds ?? 3);
    const folder = await mkdtemp(join(tmpdir(), 'rasid-bench-queue-'));
    const redis = spawn(
      'redis-server',
      ['--port', PORT, '--dir', folder, '--appendonly', 'yes', '--save', ''],
      {
        stdio: 'ignore',
      },
    );
    try {
      const lines = (await readFile('data/articles.jsonl', 'utf8')).trimEnd().split('\n');
      const input = join(folder, 'input.jsonl');
      const records = Array.from({ length: rows }, (_, i) => lines[i % lines.length]!);
      await writeFile(input, `${records.join('\n')}\n`);

      /** Rows a second from submission to the collected output; the workers stand ready. */
      async function throughQueue(workers: number, round: number): Promise<number> {
        const own = await Promise.all(Array.from({ length: workers }, startWorker));
        const run = `bench-${workers}-${round}`;
        const submitted = await timed('scripts/bulk.ts', ['submit', input, '--run', run]);
        const out = join(folder, `${run}.jsonl`);
        const collected = await timed('scripts/bulk.ts', ['collect', run, '--out', out, '--wait']);
        await Promise.all(own.map(end));
        return rows / (submitted + collected);
      }
      async function directly(round: number): Promise<number> {
        const out = join(folder, `direct-${round}.jsonl`);
        return rows / (await timed('scripts/bulk.ts', [input, '--out', out, '--workers', '2']));
      }
      const ratios: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const direct = await directly(round);
        const queued = await throughQueue(2, round);
        ratios.push(queued / direct);
        print(
          `directly ${direct.toFixed(1)} rows/s, through the queue ${queued.toFixed(1)} rows/s: ratio ${(queued / direct).toFixed(2)}`,
        );
      }
      print(
        `overhead at two workers: ${(100 * (1 - ratios.sort((a, b) => a - b)[rounds >> 1]!)).toFixed(1)} %`,
      );
      for (const workers of [1, 2, 3])
        print(`${workers} workers: ${(await throughQueue(workers, rounds)).toFixed(1)} rows/s`);
    } finally {
      redis.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    }
  },
});
