/** Gathers the answers of a run into one output: the input is read again, and each block takes its answers from the queue. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { RasidError } from '../../errors.ts';
import type { AnswerBlock, Block, Outcome } from '../block.ts';
import { labelColumns, vectorColumns } from '../output/columns.ts';
import { outputFormat } from '../output/format.ts';
import { type BulkRun, runBulk } from '../run.ts';
import type { BulkSummary } from '../summary.ts';
import type { QueueConfig } from './connection.ts';
import { answerFile, pieceName } from './jobs.ts';
import { digestRows, type Piece, sharedFiles, unpackPiece } from './payload.ts';
import { openRuns, type RunState, type Runs } from './runs.ts';
import { slimRows } from './submit.ts';

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
/** Blocks whose answers are fetched at the same time. */
const AHEAD = 8;

const unfinished = ({ name, answered, rows }: RunState) =>
  new RasidError('run-unfinished', `${name}: ${answered} of ${rows} rows are answered`, {
    hint: 'Wait for the workers with --wait, or look with `npm run bulk -- status`.',
  });

/** Answers of a block, piece by piece. */
function fetchAnswers(runs: Runs, run: RunState, { wait, signal }: Collection): AnswerBlock {
  const { name, description } = run;
  const { model, columns, shared } = description;

  async function fetchPiece(block: number, from: number): Promise<Piece> {
    for (;;) {
      signal?.throwIfAborted();
      const bytes = await runs.answer(name, pieceName(block, from));
      if (bytes !== undefined) {
        const place = `${name}: block ${block}`;
        const files = shared === undefined ? undefined : sharedFiles(shared, name);
        return unpackPiece(files ? await files.read(answerFile(block, from)) : bytes, place);
      }
      if (!(await runs.isOpen(name)))
        throw new RasidError('run-cancelled', `${name}: was cancelled while it was collected`);
      if (!wait) throw unfinished(await runs.get(name));
      await delay(POLL, undefined, { ...(signal ? { signal } : {}) });
    }
  }

  return async ({ index, rows }: Block) => {
    const digest = digestRows(slimRows(rows, columns));
    const outcomes: Outcome[] = [];
    while (outcomes.length < rows.length) {
      const piece = await fetchPiece(index, outcomes.length);
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
      if (piece.model !== model)
        throw new RasidError(
          'model-mismatch',
          `${name}: block ${index} was answered by model ${piece.model}, not ${model}`,
        );
      outcomes.push(...piece.outcomes);
    }
    return { index, model, outcomes };
  };
}

/**
 * Collects a run. Killed and called again it goes on; when it is done, the run is gone from the queue.
 * @throws RasidError `run-unknown`, `run-unfinished`, `run-cancelled`, `resume-mismatch`, and of `runBulk`.
 */
export async function collectRun(
  redis: Redis,
  config: QueueConfig,
  collection: Collection,
): Promise<BulkSummary> {
  const { name, output, wait, onProgress, onNote, signal } = collection;
  const runs = openRuns(redis, config.queueName);
  const run = await runs.get(name);
  if (run.state === 'cancelled') throw new RasidError('run-cancelled', `${name}: was cancelled`);
  if (run.state === 'submitting' && !wait) {
    throw new RasidError('run-unfinished', `${name}: is not submitted to its end`, {
      hint: 'Run the same `npm run bulk -- submit` again; it goes on where it stopped.',
    });
  }
  if (run.answered < run.rows && !wait) throw unfinished(run);
  const { inputs, columns, blockRows, model, labels, taxonomy, facts, metadata, shared } = run.description;
  const { kind } = outputFormat(output);
  if (labels === undefined && kind !== 'jsonl' && kind !== 'parquet')
    throw new RasidError(
      'usage',
      `${name} holds vectors, which .jsonl, .jsonl.gz or .parquet take, not ${output}`,
    );
  const summary = await runBulk({
    inputs,
    output,
    answer: fetchAnswers(runs, run, collection),
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
  });
  await runs.forget(name);
  if (shared !== undefined) await sharedFiles(shared, name).remove();
  return summary;
}
