/** A Redis, a run and workers for each test of the queue. */

import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { collectRun } from '../../../src/bulk/queue/collect.ts';
import { connectQueue, disconnect, type QueueConfig } from '../../../src/bulk/queue/connection.ts';
import { type JobQueue, withQueue } from '../../../src/bulk/queue/jobs.ts';
import { statusOf } from '../../../src/bulk/queue/status.ts';
import { submitRun } from '../../../src/bulk/queue/submit.ts';
import { type QueueWorker, startWorker, type WorkerOptions } from '../../../src/bulk/queue/worker.ts';
import { startRedis, type TestRedis } from './redis.ts';
import { answerByLength, MODEL, makeWorld, queueConfig, type World } from './world.ts';

/** Short, so that what waits for them is soon there. */
const FAST = { lock: 2_000, sweep: 200, refused: 100 };

/** @param rows Rows of the run, in blocks of `BLOCK_ROWS`. */
export function useQueue(rows: number) {
  let server: TestRedis;
  let redis: Redis;
  let config: QueueConfig;
  let world: World;
  const workers: QueueWorker[] = [];
  const closeWorkers = async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.close()));
  };

  beforeAll(async () => {
    server = await startRedis();
    config = queueConfig(server.url);
    redis = await connectQueue(config, () => {});
  });
  afterAll(async () => {
    if (redis) disconnect(redis);
    await server?.stop();
  });
  beforeEach(async () => {
    await redis.flushall();
    world = await makeWorld(rows);
  });
  afterEach(closeWorkers);

  const status = async () => (await statusOf(redis, config, 'news'))[0]!;
  return {
    get redis() {
      return redis;
    },
    get config() {
      return config;
    },
    get world() {
      return world;
    },
    submit: (changes: Partial<World['description']> = {}, name = 'news') =>
      submitRun(redis, config, { name, description: { ...world.description, ...changes } }),
    collect: (wait = true, output = world.output, onNote: (line: string) => void = () => {}) =>
      collectRun(redis, config, { name: 'news', output, wait, onNote }),
    work(answer = answerByLength(), options: Partial<WorkerOptions> = {}): QueueWorker {
      const abilities = [{ model: MODEL, answer: () => answer }];
      const worker = startWorker(redis, config, { abilities, concurrency: 2, times: FAST, ...options });
      workers.push(worker);
      return worker;
    },
    closeWorkers,
    status,
    answered: async () => (await status()).answered,
    inQueue: <Result>(look: (queue: JobQueue) => Promise<Result>) => withQueue(redis, config, MODEL, look),
    async until(condition: () => boolean | Promise<boolean>) {
      for (let i = 0; !(await condition()); i++) {
        if (i === 400) throw new Error('waited too long');
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    },
  };
}
