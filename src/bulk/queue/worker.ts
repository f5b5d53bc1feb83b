/** Answers blocks of the queue. A block is delivered at least once, and its answer is kept once. */

import { setTimeout as delay } from 'node:timers/promises';
import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { RasidError } from '../../errors.ts';
import type { AnswerBlock, Row } from '../block.ts';
import type { TextColumns } from '../text.ts';
import { keepAnswers, readRows } from './answers.ts';
import { disconnect, type QueueConfig } from './connection.ts';
import { divideFailed } from './division.ts';
import { createExclusion } from './exclusion.ts';
import { type BlockJob, JOB_VERSION, queueOf, withQueue } from './jobs.ts';
import { packPiece } from './payload.ts';
import { pieceName } from './piece.ts';
import { openRuns } from './runs.ts';

/** What a worker can answer. */
export interface Ability {
  /** The bundle's id for labels, the key of the encoder's identity for vectors. */
  model: string;
  answer: (columns: TextColumns) => AnswerBlock;
}

export interface WorkerTimes {
  /** Time after which a worker that says nothing counts as dead, ms. */
  lock: number;
  /** Pause between two looks for dead workers and failed blocks, ms. */
  sweep: number;
  /** Pause before a block that was refused is offered again, and before an answer is stored again, ms. */
  refused: number;
}

const DEFAULT_TIMES: WorkerTimes = { lock: 30_000, sweep: 10_000, refused: 5_000 };
/** Workers that may die of a piece before it is halved or, a single row, rejected. */
const MOST_DEATHS = 2;
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
  const exclusion = createExclusion();
  const failing = new Set<string>();

  /** Back into the queue for others, without counting as an attempt; then this worker rests, lest it refuse them all. */
  async function refuse(job: Job<BlockJob>, token: string | undefined, reason: string): Promise<never> {
    onNote(`${job.data.run.name}: ${reason}; this worker leaves it to others`);
    await job.moveToDelayed(Date.now() + times.refused, token);
    await delay(times.refused, undefined, { signal: closing.signal }).catch(() => {});
    throw new DelayedError();
  }

  /** No answer is thrown away because Redis or the folder is full: the block stays with this worker until it fits. */
  async function store(data: BlockJob, packed: Buffer): Promise<void> {
    for (;;) {
      try {
        return await keepAnswers(runs, data, packed);
      } catch (error) {
        onNote(`${data.run.name}: its answers cannot be stored (${(error as Error).message}); tried again`);
        await delay(times.refused, undefined, { signal: closing.signal });
      }
    }
  }

  /** Counts the workers that die while they answer. What was begun before is answered alone, lest it take others along. */
  async function attempt(data: BlockJob, answer: () => Promise<void>): Promise<void> {
    const { run, isSuspect = false } = data;
    const piece = pieceName(data);
    const mode = isSuspect || (await runs.isStarted(run, piece)) ? 'alone' : 'together';
    await exclusion[mode](async () => {
      const starts = await runs.started(run, piece);
      try {
        if (starts > MOST_DEATHS) throw new UnrecoverableError(`${MOST_DEATHS} workers died of it`);
        await answer();
      } finally {
        await runs.ended(run, piece);
      }
    });
  }

  const work =
    ({ model, answer }: Ability) =>
    async (job: Job<BlockJob>, token?: string): Promise<void> => {
      const { data } = job;
      const { run, block, version, columns, digest } = data;
      if (version !== JOB_VERSION)
        return refuse(job, token, `its jobs are of version ${version}, not ${JOB_VERSION}`);
      if (!(await runs.isOpen(run))) return;
      if (data.model !== model)
        return refuse(job, token, `asks for model ${data.model}, and this worker holds ${model}`);
      let rows: Row[];
      try {
        rows = await readRows(data);
      } catch (error) {
        if (!(error instanceof RasidError) || error.code !== 'file-unreadable') throw error;
        return refuse(job, token, error.message);
      }
      await attempt(data, async () => {
        const begun = performance.now();
        const { outcomes } = await answer(columns)({ index: block, rows });
        await store(data, await packPiece({ model, digest, outcomes }));
        failing.clear();
        onBlock?.(data, performance.now() - begun);
      });
    };

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
    const worker = new Worker<BlockJob, void, string>(queueOf(ability.model), work(ability), {
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
