/** An encoder with a queue in front of its workers, for a server: many callers, none of whom may wait for ever. */

import { availableParallelism } from 'node:os';
import type { Config } from '../config.ts';
import type { Encoder } from './encoder.ts';
import type { LocatedEncoder } from './locate.ts';
import { openPool } from './pool.ts';
import { type BatchingQueue, createQueue, type QueueObserver } from './queue.ts';
import type { VectorCache } from './vector-cache.ts';

export interface QueuedEncoder extends Encoder, Pick<BatchingQueue, 'waiting' | 'refuseIfFull'> {
  /** Workers that are alive now. */
  readonly alive: number;
}

export type QueueConfig = Pick<
  Config,
  'workers' | 'inferenceTimeout' | 'queueTexts' | 'queueTokens' | 'batchWait' | 'batchTokens'
>;

/** @throws RasidError `encoder-corrupt` where the model cannot be loaded. */
export async function openQueuedEncoder(
  located: LocatedEncoder,
  config: QueueConfig,
  cache: VectorCache,
  observer?: QueueObserver,
): Promise<QueuedEncoder> {
  const { inferenceTimeout } = config;
  const pool = await openPool(located, config.workers || availableParallelism(), { inferenceTimeout });
  const { encode, waiting, refuseIfFull } = createQueue(pool, located.identity, cache, config, observer);
  return {
    identity: located.identity,
    workers: pool.size,
    get alive() {
      return pool.alive;
    },
    encode,
    waiting,
    refuseIfFull,
    close: pool.close,
  };
}
