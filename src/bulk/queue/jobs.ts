/** Jobs of the queue: one block, or a part of one whose rows are tried apart. */

import { type JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { TextColumns } from '../text.ts';
import type { QueueConfig } from './connection.ts';

/** Version of the job's shape. */
export const JOB_VERSION = 1;

export interface BlockJob {
  version: number;
  run: string;
  block: number;
  /** Rows `from` to `to` (exclusive) of the block. */
  from: number;
  to: number;
  /** The model that the run asks for, whole. */
  model: string;
  columns: TextColumns;
  /** `digestRows` of the whole block. */
  digest: string;
  /** Packed rows of the whole block in Base64, or left out where they lie in `shared`. */
  rows?: string;
  shared?: string;
}

/** The name of a piece among the answers of its run. */
export const pieceName = (block: number, from: number) => `${block}:${from}`;
export const rowsFile = (block: number) => `${block}.rows`;
export const answerFile = (block: number, from: number) => `${block}-${from}.answers`;

/** BullMQ refuses colons in ids. The same piece always has the same id: adding it again changes nothing. */
const jobId = ({ run, block, from, to }: BlockJob) => `${run}/${block}/${from}-${to}`;

/** First pause before a block is tried again, ms; doubled each time. */
const BACKOFF = 1_000;

export type JobQueue = Queue<BlockJob, void, string>;

export function openQueue(redis: Redis, name: string): JobQueue {
  const queue = new Queue(name, { connection: redis }) as JobQueue;
  // The connection is the caller's, and it is told there when Redis is away.
  queue.on('error', () => {});
  return queue;
}

/** Adds jobs; those that stand in the queue already stay as they are. */
export async function addJobs(
  queue: JobQueue,
  jobs: readonly BlockJob[],
  { jobAttempts }: Pick<QueueConfig, 'jobAttempts'>,
): Promise<void> {
  const options = (job: BlockJob): JobsOptions => ({
    jobId: jobId(job),
    attempts: jobAttempts,
    backoff: { type: 'exponential', delay: BACKOFF },
    // The answer is kept beside; failed jobs stay until their rows are tried apart.
    removeOnComplete: true,
    removeOnFail: false,
  });
  await queue.addBulk(jobs.map((data) => ({ name: 'block', data, opts: options(data) })));
}
