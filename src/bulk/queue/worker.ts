/** Answers blocks of the queue. A block is delivered at least once, and its answer is kept once. */

import { type Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { RasidError } from '../../errors.ts';
import { disconnect, type QueueConfig } from './connection.ts';
import { divideFailed } from './division.ts';
import { type BlockJob, queueOf, withQueue } from './jobs.ts';
import { type Ability, createProcessor } from './processor.ts';
import { openRuns } from './runs.ts';

export interface WorkerTimes {
  /** Time after which a worker that says nothing counts as dead, ms. */
  lock: number;
  /** Pause between two looks for dead workers and failed blocks, ms. */
  sweep: number;
  /** Pause before a block that was refused is offered again, and before an answer is stored again, ms. */
  refused: number;
}

const DEFAULT_TIMES: WorkerTimes = { lock: 30_000, sweep: 10_000, refused: 5_000 };
/** Deliveries after which BullMQ itself gives a job up: deaths are counted here, for it blames whatever was under way. */
const MOST_DELIVERIES = 1_000;
/** Different blocks that may fail one after another before the worker itself counts as broken. */
const MOST_FAILING = 8;

export interface WorkerOptions {
  abilities: readonly Ability[];
  /** Blocks under way at the same time. */
  concurrency: number;
  times?: Partial<WorkerTimes>;
  onBlock?: (job: BlockJob, ms: number) => void;
  onNote?: (line: string) => void;
  /** Told when every block fails: the worker should be closed before it spoils more. */
  onFault?: (error: RasidError) => void;
}

export interface QueueWorker {
  /** Takes no more blocks, and waits for those under way. */
  close(): Promise<void>;
}

/** Works until it is closed. */
export function startWorker(redis: Redis, config: QueueConfig, options: WorkerOptions): QueueWorker {
  const { abilities, concurrency, onBlock, onNote = () => {}, onFault } = options;
  const times = { ...DEFAULT_TIMES, ...options.times };
  const runs = openRuns(redis, config.queueName);
  const closing = new AbortController();
  const failing = new Set<string>();

  const processorFor = createProcessor({
    runs,
    pause: times.refused,
    signal: closing.signal,
    onNote,
    onBlock(job, ms) {
      failing.clear();
      onBlock?.(job, ms);
    },
  });

  function noteFailure(job: Job<BlockJob> | undefined, { message }: Error): void {
    if (job === undefined) return;
    const { run, block } = job.data;
    onNote(`${run.name}: block ${block}: ${message}`);
    if (closing.signal.aborted) return;
    failing.add(`${run.id}/${block}`);
    if (failing.size === MOST_FAILING)
      onFault?.(
        new RasidError('worker-failed', `${MOST_FAILING} blocks failed one after another; last: ${message}`, {
          hint: 'They go back into the queue. Mend this worker and start it again.',
        }),
      );
  }

  const served = abilities.map((ability) => {
    const connection = redis.duplicate({ maxRetriesPerRequest: null });
    const worker = new Worker<BlockJob, void, string>(queueOf(ability.model), processorFor(ability), {
      connection,
      prefix: config.queueName,
      concurrency,
      lockDuration: times.lock,
      stalledInterval: times.sweep,
      maxStalledCount: MOST_DELIVERIES,
    });
    // Redis away, or a lock lost: what matters is noticed when the block is delivered again.
    worker.on('error', () => {});
    worker.on('failed', noteFailure);
    return { model: ability.model, worker, connection };
  });

  async function sweep(): Promise<void> {
    for (const { model } of served)
      await withQueue(redis, config, model, (queue) => divideFailed(queue, runs, config, onNote));
  }
  let sweeping: Promise<void> | undefined;
  const timer = setInterval(() => {
    // What fails now is tried again at the next turn.
    sweeping ??= sweep()
      .catch((error: Error) => onNote(`failed blocks: ${error.message}`))
      .finally(() => {
        sweeping = undefined;
      });
  }, times.sweep);

  return {
    async close() {
      clearInterval(timer);
      closing.abort();
      await Promise.all(served.map(({ worker }) => worker.close()));
      await sweeping;
      for (const { connection } of served) disconnect(connection);
    },
  };
}
