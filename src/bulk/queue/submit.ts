/** Puts the blocks of a run into the queue. Interrupted and called again it goes on; nothing is queued twice. */

import type { Redis } from 'ioredis';
import { STANDARD_INPUT } from '../../dataset/formats/source.ts';
import { cellOf } from '../../dataset/import/convert.ts';
import { RasidError } from '../../errors.ts';
import type { InputBlock, Row } from '../block.ts';
import { checkInputs, readBlocks } from '../read.ts';
import type { TextColumns } from '../text.ts';
import type { QueueConfig } from './connection.ts';
import { addJobs, type BlockJob, JOB_VERSION, openQueue, rowsFile } from './jobs.ts';
import { digestRows, packRows, sharedFiles } from './payload.ts';
import { openRuns, RUN_NAME, type RunDescription } from './runs.ts';

export interface Submission {
  name: string;
  description: RunDescription;
  onProgress?: (state: { bytes: number; rows: number }) => void;
  onNote?: (line: string) => void;
  signal?: AbortSignal;
}

/** Blocks put into the queue in one go, and then noted as done. */
const BLOCKS_AT_ONCE = 8;

/** Only what a worker reads of a row travels. */
function slimRow({ file, line, columns }: Row, { text, title }: TextColumns): Row {
  const cells = [text, title].map((name) => [name, cellOf(columns, name)] as const);
  return { file, line, columns: Object.fromEntries(cells.filter(([, value]) => value !== undefined)) };
}

export const slimRows = (rows: readonly Row[], columns: TextColumns) =>
  rows.map((row) => slimRow(row, columns));

async function jobOf(
  name: string,
  description: RunDescription,
  { index, rows }: InputBlock,
): Promise<BlockJob> {
  const { model, columns, shared } = description;
  const slim = slimRows(rows, columns);
  const job = { version: JOB_VERSION, run: name, block: index, from: 0, to: rows.length, model, columns };
  const digest = digestRows(slim);
  const packed = await packRows(slim);
  if (shared === undefined) return { ...job, digest, rows: packed.toString('base64') };
  await sharedFiles(shared, name).write(rowsFile(index), packed);
  return { ...job, digest, shared };
}

/**
 * @returns Blocks and rows in the queue, those of an earlier start included.
 * @throws RasidError `usage`, `run-occupied`, `queue-unreachable`, and of `checkInputs` and `readBlocks`.
 */
export async function submitRun(
  redis: Redis,
  config: QueueConfig,
  { name, description, onProgress, onNote, signal }: Submission,
): Promise<{ blocks: number; rows: number }> {
  const { inputs, columns, blockRows, model } = description;
  if (!RUN_NAME.test(name))
    throw new RasidError(
      'usage',
      `${name}: a run's name holds letters, digits, points, hyphens and underscores`,
    );
  if (inputs.some(({ path }) => path === STANDARD_INPUT))
    throw new RasidError('usage', 'standard input cannot be submitted: collecting reads the input again');
  await checkInputs(inputs, columns.text);
  const runs = openRuns(redis, config.queueName);
  const done = await runs.begin(name, description);
  const queue = openQueue(redis, runs.queueOf(model));
  let { blocks, rows } = done;
  let bytes = 0;
  let waiting: BlockJob[] = [];
  const flush = async (isLast: boolean) => {
    if (waiting.length > 0) await addJobs(queue, waiting, config);
    waiting = [];
    await runs.submitted(name, blocks, rows, isLast);
    onProgress?.({ bytes, rows });
  };
  const onBytes = (count: number) => {
    bytes += count;
  };
  const options = { blockRows, onBytes, ...(onNote ? { onNote } : {}), ...(signal ? { signal } : {}) };
  for await (const block of readBlocks(inputs, options)) {
    if (block.index < done.blocks) continue;
    if (block.rows.length > 0) waiting.push(await jobOf(name, description, block));
    blocks = block.index + 1;
    rows += block.rows.length;
    if (waiting.length === BLOCKS_AT_ONCE) await flush(false);
  }
  await flush(true);
  return { blocks, rows };
}
