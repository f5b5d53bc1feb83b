/** Gathers the answers of a run into one output: the input is read again, and each block takes its answers from the queue. */

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { RasidError } from '../../errors.ts';
import type { AnswerBlock, Block } from '../block.ts';
import { labelColumns, vectorColumns } from '../output/columns.ts';
import { outputFormat } from '../output/format.ts';
import { type BulkRun, runBulk } from '../run.ts';
import type { BulkSummary } from '../summary.ts';
import { readAnswers } from './answers.ts';
import type { QueueConfig } from './connection.ts';
import { addJobs, type JobQueue, jobId, makeJob, slimRows, withQueue } from './jobs.ts';
import { digestRows, sharedFiles } from './payload.ts';
import { describePiece, pieceName, type Range } from './piece.ts';
import type { RunState } from './run-state.ts';
import { openRuns, type Runs } from './runs.ts';

export interface Collection {
  name: string;
  output: string;
  /** Whether answers that are not there yet are waited for. */
  wait: boolean;
  onProgress?: BulkRun['onProgress'];
  onNote?: (line: string) => void;
  signal?: AbortSignal;
}

/** Pause between two looks for an answer, ms. */
const POLL = 200;
/** Looks for an answer before it is asked whether it can still come, and again after as many. */
const PATIENCE = 10;
/** Blocks whose answers are fetched at the same time. */
const AHEAD = 8;

const unfinished = ({ name, state, answered, rows }: RunState) =>
  state === 'submitting'
    ? new RasidError('run-unfinished', `${name}: is not submitted to its end`, {
        hint: 'Run the same `npm run bulk -- submit` again; it goes on where it stopped.',
      })
    : new RasidError('run-unfinished', `${name}: ${answered} of ${rows} rows are answered`, {
        hint: 'Wait for the workers with --wait, or look with `npm run bulk -- status`.',
      });

interface Context {
  runs: Runs;
  queue: JobQueue;
  config: QueueConfig;
  run: RunState;
  collection: Collection;
}

/**
 * Puts a piece back that is neither answered nor in the queue: a Redis that was restarted may have forgotten the last
 * second (`appendfsync everysec`).
 */
async function restore({ runs, queue, config, run, collection }: Context, block: Block, range: Range) {
  const id = jobId(run, range);
  if ((await queue.getJobState(id)) !== 'unknown') return;
  // It may have been answered between the look for its answer and the look for its job.
  if ((await runs.answer(run, pieceName(range))) !== undefined) return;
  await addJobs(queue, [{ ...(await makeJob(run, run.description, block)), ...range }], config);
  collection.onNote?.(`${describePiece(run.name, range)}: Redis had lost them; they are put back`);
}

/** Answers a block with what the workers answered. */
function takeAnswers(context: Context): AnswerBlock {
  const { runs, run, collection } = context;
  const { name, description } = run;
  const { wait, signal } = collection;

  async function missing(block: Block, range: Range, looks: number): Promise<void> {
    signal?.throwIfAborted();
    if (!wait || looks % PATIENCE === 0) {
      if (!(await runs.isOpen(run)))
        throw new RasidError('run-cancelled', `${name}: was taken out of the queue while it was collected`);
      const now = await runs.get(name);
      if (!wait) throw unfinished(now);
      if (now.state === 'submitted') await restore(context, block, range);
    }
    await delay(POLL, undefined, signal ? { signal } : {});
  }

  return async (block) => {
    const { index, rows } = block;
    // A block of unreadable rows alone was not submitted.
    if (rows.length === 0) return { index, model: description.model, outcomes: [] };
    const digest = digestRows(slimRows(rows, description.columns));
    const whole = { block: index, from: 0, to: rows.length };
    const pieces = await readAnswers(runs, run, whole, (range, looks) => missing(block, range, looks));
    for (const piece of pieces) {
      if (piece.digest !== digest) {
        const { file, line } = rows[0]!;
        throw new RasidError(
          'resume-mismatch',
          `${file}: has changed since it was submitted (from row ${line} on)`,
          {
            hint: 'Put the submitted file back, or submit it again as another run.',
          },
        );
      }
      if (piece.model !== description.model)
        throw new RasidError(
          'model-mismatch',
          `${name}: block ${index} was answered by model ${piece.model}, not ${description.model}`,
        );
    }
    return { index, model: description.model, outcomes: pieces.flatMap(({ outcomes }) => outcomes) };
  };
}

/** A run that cannot be collected (now) is refused before anything is written. */
async function checkRun(run: RunState, { output, wait }: Collection): Promise<void> {
  const { name, state, answered, rows, description } = run;
  if (state === 'cancelled') throw new RasidError('run-cancelled', `${name}: was cancelled`);
  if (state === 'collected') {
    const isThere = resolve(output) === run.output && (await stat(output).catch(() => undefined));
    if (!isThere)
      throw new RasidError('run-collected', `${name}: was collected into ${run.output} already`, {
        hint: 'Its answers are gone from the queue; submit it again for another output.',
      });
  } else if (!wait && (state === 'submitting' || answered < rows)) throw unfinished(run);
  const { kind } = outputFormat(output);
  if (description.labels === undefined && kind !== 'jsonl' && kind !== 'parquet')
    throw new RasidError(
      'usage',
      `${name} holds vectors, which .jsonl, .jsonl.gz or .parquet take, not ${output}`,
    );
}

/**
 * Collects a run. Killed and called again it goes on. At its end the answers are gone from the queue; called once more it
 * changes nothing.
 * @throws RasidError `run-unknown`, `run-unfinished`, `run-cancelled`, `run-collected`, `resume-mismatch`, and of
 *   `runBulk`.
 */
export async function collectRun(
  redis: Redis,
  config: QueueConfig,
  collection: Collection,
): Promise<BulkSummary> {
  const { name, output, onProgress, onNote, signal } = collection;
  const runs = openRuns(redis, config.queueName);
  const run = await runs.get(name);
  await checkRun(run, collection);
  const { inputs, columns, blockRows, model, labels, taxonomy, facts, metadata, shared } = run.description;
  const summary = await withQueue(redis, config, model, (queue) =>
    runBulk({
      inputs,
      output,
      answer: takeAnswers({ runs, queue, config, run, collection }),
      model,
      added: labels === undefined ? vectorColumns(model, columns) : labelColumns(taxonomy!, labels),
      textColumn: columns.text,
      blockRows,
      blocksAhead: AHEAD,
      facts,
      metadata,
      ...(onProgress ? { onProgress } : {}),
      ...(onNote ? { onNote } : {}),
      ...(signal ? { signal } : {}),
    }),
  );
  if (run.state !== 'collected') await runs.collected(run, resolve(output));
  if (shared !== undefined) await sharedFiles(shared, run).remove();
  return summary;
}
