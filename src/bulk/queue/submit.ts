/** Puts the blocks of a run into the queue. Interrupted and called again it goes on; nothing is queued twice. */

import type { Redis } from 'ioredis';
import { STANDARD_INPUT } from '../../dataset/formats/source.ts';
import { RasidError } from '../../errors.ts';
import { checkInputs, readBlocks } from '../read.ts';
import type { QueueConfig } from './connection.ts';
import { addJobs, type BlockJob, makeJob, withQueue } from './jobs.ts';
import { RUN_NAME, type RunDescription } from './run-state.ts';
import { openRuns } from './runs.ts';

export interface Submission {
  name: string;
  description: RunDescription;
  onProgress?: (state: { bytes: number; rows: number }) => void;
  onNote?: (line: string) => void;
  signal?: AbortSignal;
}

/** Blocks put into the queue in one go, and then noted as done. */
const BLOCKS_AT_ONCE = 8;

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
      `${name}: a run's name holds letters, digits, underscores, points and hyphens, and begins with none of the last two`,
    );
  if (inputs.some(({ path }) => path === STANDARD_INPUT))
    throw new RasidError('usage', 'standard input cannot be submitted: collecting reads the input again');
  await checkInputs(inputs, columns.text);
  const runs = openRuns(redis, config.queueName);
  const run = await runs.begin(name, description);
  return withQueue(redis, config, model, async (queue) => {
    let { blocks, rows } = run;
    let bytes = 0;
    let waiting: BlockJob[] = [];
    const flush = async (isLast: boolean) => {
      if (waiting.length > 0) await addJobs(queue, waiting, config);
      waiting = [];
      await runs.submitted(run, blocks, rows, isLast);
      onProgress?.({ bytes, rows });
    };
    const onBytes = (count: number) => {
      bytes += count;
    };
    const options = { blockRows, onBytes, ...(onNote ? { onNote } : {}), ...(signal ? { signal } : {}) };
    for await (const block of readBlocks(inputs, options)) {
      if (block.index < run.blocks) continue;
      if (block.rows.length > 0) waiting.push(await makeJob(run, description, block));
      blocks = block.index + 1;
      rows += block.rows.length;
      if (waiting.length === BLOCKS_AT_ONCE) await flush(false);
    }
    await flush(true);
    return { blocks, rows };
  });
}
