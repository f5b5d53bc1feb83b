/**
 * Answers blocks of the queue. A block is delivered at least once and its answer kept once; a block that fails again and
 * again is halved until the row that is at fault stands alone, and that row alone is rejected.
 */

import { DelayedError, type Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { RasidError } from '../../errors.ts';
import type { AnswerBlock, Outcome } from '../block.ts';
import type { TextColumns } from '../text.ts';
import type { QueueConfig } from './connection.ts';
import {
  addJobs,
  answerFile,
  type BlockJob,
  JOB_VERSION,
  type JobQueue,
  openQueue,
  pieceName,
  rowsFile,
} from './jobs.ts';
import { packPiece, sharedFiles, unpackRows } from './payload.ts';
import { openRuns, type Runs } from './runs.ts';

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
  /** Pause before a block for another model is offered again, ms. */
  refused: number;
}

const DEFAULT_TIMES: WorkerTimes = { lock: 30_000, sweep: 10_000, refused: 5_000 };
/** Times that a block's worker may die before the block counts as failed. */
const MOST_DEATHS = 2;

export interface WorkerOptions {
  abilities: readonly Ability[];
  /** Blocks under way at the same time. */
  concurrency: number;
  times?: Partial<WorkerTimes>;
  onBlock?: (job: BlockJob, ms: number) => void;
  onNote?: (line: string) => void;
}

export interface QueueWorker {
  /** Takes no more blocks, and waits for those under way. */
  close(): Promise<void>;
}

/** Whether the block of a job is answered in whole or in part by the time it is looked at. */
async function keep(runs: Runs, job: BlockJob, model: string, outcomes: Outcome[]): Promise<void> {
  const { run, block, from, to, digest, shared } = job;
  const bytes = await packPiece({ to, model, digest, outcomes });
  if (shared !== undefined) await sharedFiles(shared, run).write(answerFile(block, from), bytes);
  const kept = shared === undefined ? bytes : Buffer.from('file');
  await runs.keepAnswer(run, pieceName(block, from), to - from, kept);
}

async function readRows({ run, block, rows, shared }: BlockJob) {
  const place = `${run}: block ${block}`;
  if (rows !== undefined) return unpackRows(Buffer.from(rows, 'base64'), place);
  return unpackRows(await sharedFiles(shared!, run).read(rowsFile(block)), place);
}

/** Takes the place of a block that failed for good: its halves, or the reason why its one row has no answer. */
async function divide(queue: JobQueue, runs: Runs, job: Job<BlockJob>, config: QueueConfig): Promise<string> {
  const { data, failedReason } = job;
  const { run, block, from, to, model } = data;
  const place = `${run}: block ${block}, rows ${from + 1}–${to}`;
  if (to - from === 1) {
    const reason = `its worker failed again and again: ${failedReason}`;
    await keep(runs, data, model, [{ code: 'worker-failed', reason }]);
  } else {
    const middle = Math.ceil((from + to) / 2);
    await addJobs(
      queue,
      [
        { ...data, to: middle },
        { ...data, from: middle },
      ],
      config,
    );
  }
  await job.remove();
  return to - from === 1 ? `${place}: rejected` : `${place}: failed for good; its halves are tried apart`;
}

/** Works until it is closed. */
export function startWorker(redis: Redis, config: QueueConfig, options: WorkerOptions): QueueWorker {
  const { abilities, concurrency, onBlock, onNote } = options;
  const times = { ...DEFAULT_TIMES, ...options.times };
  const runs = openRuns(redis, config.queueName);

  function work({ model, answer }: Ability) {
    return async (job: Job<BlockJob>, token?: string): Promise<void> => {
      const { data } = job;
      if (data.version !== JOB_VERSION)
        throw new RasidError(
          'queue-invalid',
          `${data.run}: its jobs are of version ${data.version}, not ${JOB_VERSION}`,
        );
      if (!(await runs.isOpen(data.run))) return;
      if (data.model !== model) {
        onNote?.(
          `${data.run}: asks for model ${data.model}; this worker holds ${model} and leaves it to others`,
        );
        await job.moveToDelayed(Date.now() + times.refused, token);
        throw new DelayedError();
      }
      const begun = performance.now();
      const rows = (await readRows(data)).slice(data.from, data.to);
      const { outcomes } = await answer(data.columns)({ index: data.block, rows });
      await keep(runs, data, model, outcomes);
      onBlock?.(data, performance.now() - begun);
    };
  }

  const served = abilities.map((ability) => {
    const name = runs.queueOf(ability.model);
    const worker = new Worker<BlockJob, void, string>(name, work(ability), {
      connection: redis.duplicate({ maxRetriesPerRequest: null }),
      concurrency,
      lockDuration: times.lock,
      stalledInterval: times.sweep,
      maxStalledCount: MOST_DEATHS,
    });
    // Redis away, or a lock lost: what matters is noticed when the block is delivered again.
    worker.on('error', () => {});
    worker.on('failed', (job, error) => {
      if (job !== undefined) onNote?.(`${job.data.run}: block ${job.data.block}: ${error.message}`);
    });
    return { name, worker };
  });

  let sweeping: Promise<void> | undefined;
  async function sweep(): Promise<void> {
    for (const { name } of served) {
      const queue = openQueue(redis, name);
      try {
        for (const job of await queue.getFailed(0, 99)) {
          if (await runs.isOpen(job.data.run)) {
            const note = await divide(queue, runs, job, config);
            onNote?.(note);
          } else await job.remove();
        }
      } finally {
        await queue.close();
      }
    }
  }
  const timer = setInterval(() => {
    // What fails now is tried again at the next turn.
    sweeping ??= sweep()
      .catch((error: Error) => onNote?.(`failed blocks: ${error.message}`))
      .finally(() => {
        sweeping = undefined;
      });
  }, times.sweep);

  return {
    async close() {
      clearInterval(timer);
      await Promise.all(served.map(({ worker }) => worker.close()));
      await sweeping;
    },
  };
}
