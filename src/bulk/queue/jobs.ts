/** Jobs of the queue: one block, or a piece of one whose other rows are tried apart. */

import { type JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { cellOf } from '../../dataset/import/convert.ts';
import type { Block, Row } from '../block.ts';
import type { TextColumns } from '../text.ts';
import type { QueueConfig } from './connection.ts';
import { digestRows, packRows, sharedFiles } from './payload.ts';
import type { Range } from './piece.ts';
import type { RunDescription, RunRef } from './run-state.ts';

/** Version of the job's shape. */
export const JOB_VERSION = 1;

export interface BlockJob extends Range {
  version: number;
  run: RunRef;
  /** The model that the run asks for, whole. */
  model: string;
  columns: TextColumns;
  /** `digestRows` of the whole block. */
  digest: string;
  /** Packed rows of the whole block in Base64, or left out where they lie in `shared`. */
  rows?: string;
  shared?: string;
  /** Part of a block that failed: answered while the worker does nothing else, so that its death tells who is to blame. */
  isSuspect?: boolean;
}

/** BullMQ refuses colons in ids. The same piece always has the same id: adding it again changes nothing. */
export const jobId = ({ id }: RunRef, { block, from, to }: Range) => `${id}/${block}/${from}-${to}`;

/** First pause before a block is tried again, ms; doubled each time. */
const BACKOFF = 1_000;

export type JobQueue = Queue<BlockJob, void, string>;

/** BullMQ's name of the queue for a model; `queueName` stands before it in every key. */
export const queueOf = (model: string) => model.slice(0, 12);

/** The queue for a model while `work` uses it. The connection stays open. */
export async function withQueue<Result>(
  redis: Redis,
  { queueName }: Pick<QueueConfig, 'queueName'>,
  model: string,
  work: (queue: JobQueue) => Promise<Result>,
): Promise<Result> {
  const queue: JobQueue = new Queue(queueOf(model), { connection: redis, prefix: queueName });
  // The connection is the caller's, and it is told there when Redis is away.
  queue.on('error', () => {});
  try {
    return await work(queue);
  } finally {
    await queue.close();
  }
}

/** Adds jobs; those that stand in the queue already stay as they are. */
export async function addJobs(
  queue: JobQueue,
  jobs: readonly BlockJob[],
  { jobAttempts }: Pick<QueueConfig, 'jobAttempts'>,
): Promise<void> {
  const options = (job: BlockJob): JobsOptions => ({
    jobId: jobId(job.run, job),
    attempts: jobAttempts,
    backoff: { type: 'exponential', delay: BACKOFF },
    // The answer is kept beside; failed jobs stay until their rows are tried apart.
    removeOnComplete: true,
    removeOnFail: false,
  });
  await queue.addBulk(jobs.map((data) => ({ name: 'block', data, opts: options(data) })));
}

/** Only what a worker reads of a row travels. */
export function slimRows(rows: readonly Row[], { text, title }: TextColumns): Row[] {
  return rows.map(({ file, line, columns }) => {
    const cells = [text, title].map((name) => [name, cellOf(columns, name)] as const);
    return { file, line, columns: Object.fromEntries(cells.filter(([, value]) => value !== undefined)) };
  });
}

/** The job of a block; its rows are written to the shared folder where the run has one. */
export async function makeJob(run: RunRef, description: RunDescription, block: Block): Promise<BlockJob> {
  const { model, columns, shared } = description;
  const { index, rows } = block;
  const slim = slimRows(rows, columns);
  const own = { name: run.name, id: run.id };
  const job = { version: JOB_VERSION, run: own, block: index, from: 0, to: rows.length, model, columns };
  const digest = digestRows(slim);
  const packed = await packRows(slim);
  if (shared === undefined) return { ...job, digest, rows: packed.toString('base64') };
  await sharedFiles(shared, run).writeRows(index, packed);
  return { ...job, digest, shared };
}
