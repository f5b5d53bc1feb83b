/** What a queue is for: workers that die, a Redis that is restarted, a network that stops. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collectRun } from '../../../src/bulk/queue/collect.ts';
import { connectQueue, disconnect } from '../../../src/bulk/queue/connection.ts';
import { submitRun } from '../../../src/bulk/queue/submit.ts';
import { skipsRedis, startProxy, startRedis, type TestRedis } from './redis.ts';
import { expectedRows, makeWorld, queueConfig, readOutput, type World } from './world.ts';

const ROWS = 120;
const ENTRY = fileURLToPath(new URL('./slow-worker.ts', import.meta.url));

describe.skipIf(skipsRedis)('faults of the queue', () => {
  let server: TestRedis;
  let world: World;
  const workers: ChildProcess[] = [];

  beforeEach(async () => {
    server = await startRedis();
    world = await makeWorld(ROWS);
  });
  afterEach(async () => {
    for (const worker of workers.splice(0)) worker.kill('SIGKILL');
    await server.stop();
  });

  async function startWorkerProcess(url: string, msPerBlock: number, ...poison: string[]) {
    const worker = fork(ENTRY, [url, String(msPerBlock), ...poison], {
      execArgv: ['--import', 'tsx'],
      stdio: 'ignore',
    });
    workers.push(worker);
    await once(worker, 'message');
    return worker;
  }

  /** Submits the world, lets `disturb` do its worst while the run is collected, and looks at the output. */
  async function survive(disturb: () => Promise<void>, url = server.url): Promise<void> {
    const config = queueConfig(url, { jobAttempts: '5' });
    const redis = await connectQueue(config, () => {});
    try {
      await submitRun(redis, config, { name: 'news', description: world.description });
      const collected = collectRun(redis, config, { name: 'news', output: world.output, wait: true });
      // Awaited below; until then a failure must not count as unhandled.
      collected.catch(() => {});
      await disturb();
      const summary = await collected;
      expect(summary).toMatchObject({ rows: ROWS, answered: ROWS, rejected: 0 });
      expect(await readOutput(world.output)).toMatchObject(expectedRows(ROWS));
    } finally {
      disconnect(redis);
    }
  }

  it('loses and doubles nothing when a worker is killed in the middle of its blocks', async () => {
    await survive(async () => {
      const first = await startWorkerProcess(server.url, 300);
      await once(first, 'message');
      await delay(100);
      first.kill('SIGKILL');
      await startWorkerProcess(server.url, 5);
    });
  });

  it('loses and doubles nothing when Redis is killed and started again', async () => {
    await survive(async () => {
      const worker = await startWorkerProcess(server.url, 100);
      await once(worker, 'message');
      await server.kill();
      await delay(500);
      await server.start();
    });
  });

  it('loses and doubles nothing when the network stops for longer than a lock lasts', async () => {
    const proxy = await startProxy(server.port);
    try {
      await survive(async () => {
        const worker = await startWorkerProcess(proxy.url, 100);
        await once(worker, 'message');
        proxy.pause();
        await delay(3_000);
        proxy.resume();
      }, server.url);
    } finally {
      proxy.stop();
    }
  });

  it('rejects a row that kills every worker, and no other row', async () => {
    const poison = `خبر ${'و'.repeat(9)}`;
    const small = await makeWorld(16);
    const config = queueConfig(server.url);
    const redis = await connectQueue(config, () => {});
    await submitRun(redis, config, { name: 'news', description: small.description });
    let isCollected = false;
    let deaths = 0;
    const supervise = async () => {
      while (!isCollected) {
        const worker = await startWorkerProcess(server.url, 5, poison);
        await Promise.race([once(worker, 'exit'), collected]);
        deaths += isCollected ? 0 : 1;
      }
    };
    const collected = collectRun(redis, config, { name: 'news', output: small.output, wait: true }).finally(
      () => {
        isCollected = true;
      },
    );

    const [{ rejected }] = await Promise.all([collected, supervise()]);

    disconnect(redis);
    expect(rejected).toBe(1);
    expect(await readOutput(small.output)).toMatchObject(expectedRows(16).filter(({ id }) => id !== 9));
    // Two for the block of 4, two for its half, two for the row.
    expect(deaths).toBeLessThanOrEqual(6);
  });
});
