/** The faults that a queue is for, with real workers and real times: the output must be that of an undisturbed run. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { withRedis } from '../../../src/bulk/queue/connection.ts';
import { statusOf } from '../../../src/bulk/queue/status.ts';
import { startProxy } from '../../../test/bulk/queue/redis.ts';
import { type Bench, describeRun, end, runThrough, startWorker, writeInput } from './fleet.ts';

const digest = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

/** Until the run has some answers and lacks others. */
const halfway = ({ config, redis, print }: Bench, name: string) =>
  withRedis({ ...config, redisUrl: redis.url }, print, async (connection) => {
    for (;;) {
      const statuses = await statusOf(connection, { ...config, redisUrl: redis.url });
      const run = statuses.find((one) => one.name === name);
      if (run !== undefined && run.answered > 0) return;
      await delay(100);
    }
  });

export async function measureFaults(bench: Bench, rows: number): Promise<void> {
  const { folder, print, redis, config } = bench;
  const input = await writeInput(bench, rows);
  const description = await describeRun(config, input, 64);
  const reference = join(folder, 'reference.jsonl');
  const argv = [input, '--out', reference, '--block-rows', '64', '--workers', '1'];
  const local = spawn(process.execPath, ['--import', 'tsx', 'scripts/bulk.ts', ...argv], { stdio: 'ignore' });
  await once(local, 'exit');
  const expected = await digest(reference);

  const survive = async (
    name: string,
    url: string,
    disturb: (first: ChildProcess) => Promise<ChildProcess[]>,
  ) => {
    const first = await startWorker(bench, url);
    const [{ output, ms, rejected }, others] = await Promise.all([
      runThrough(bench, name, description),
      halfway(bench, name).then(() => disturb(first)),
    ]);
    await Promise.all([first, ...others].map(end));
    const isSame = (await digest(output)) === expected;
    print(
      `${name}: ${isSame ? 'same bytes as on one machine' : 'DIFFERENT OUTPUT'}, ${rejected} rejected, ${(ms / 1_000).toFixed(0)} s`,
    );
    if (!isSame) throw new Error(`${name}: rows were lost or doubled`);
  };

  await survive('worker-killed', redis.url, async (first) => {
    first.kill('SIGKILL');
    return [await startWorker(bench)];
  });
  await survive('redis-restarted', redis.url, async () => {
    await redis.kill();
    await delay(2_000);
    await redis.start();
    return [];
  });
  for (const seconds of [10, 45]) {
    const proxy = await startProxy(redis.port);
    await survive(`network-paused-${seconds}-s`, proxy.url, async () => {
      proxy.pause();
      await delay(1_000 * seconds);
      proxy.resume();
      return [];
    });
    proxy.stop();
  }
}
