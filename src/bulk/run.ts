/** One run on one machine: reads, answers and writes blocks at the same time, in order, and can be gone on with. */

import { STANDARD_INPUT } from '../dataset/formats/source.ts';
import { RasidError } from '../errors.ts';
import type { AnswerBlock } from './block.ts';
import { createBlockWriter } from './block-writer.ts';
import { blockColumns, scanColumns } from './input-columns.ts';
import { type Journal, openJournal } from './journal.ts';
import { mapInOrder } from './ordered.ts';
import type { AddedColumns } from './output/columns.ts';
import { outputFormat } from './output/format.ts';
import { checkInputs, type Input, readBlocks } from './read.ts';
import { blocksToDo, rowsOf, type Step } from './resume.ts';
import { type RunFacts, rejectsFile } from './run-files.ts';
import { type BulkSummary, summarise } from './summary.ts';
import { emptyTally, type Tally } from './tally.ts';

export interface BulkRun {
  inputs: readonly Input[];
  output: string;
  answer: AnswerBlock;
  /** Identity of the model that answers. */
  model: string;
  added: AddedColumns;
  /** Column of the texts. */
  textColumn: string;
  blockRows: number;
  /** Blocks that are answered at the same time. */
  blocksAhead: number;
  /** What else must be equal for a run to be gone on with, and what is told of the model. */
  facts: RunFacts;
  /** Facts for the footer of a Parquet file. */
  metadata?: Record<string, string>;
  /** Told after each block. `rows` of them were done by an earlier start. */
  onProgress?: (state: { bytes: number; tally: Tally; resumed: number }) => void;
  onNote?: (line: string) => void;
  signal?: AbortSignal;
}

/** A stream whose first element was taken already. */
async function* startingWith<T>(first: IteratorResult<T>, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

async function runJournal(run: BulkRun, journal: Journal): Promise<BulkSummary> {
  const { inputs, output, added, answer, signal } = run;
  const { checkpoint } = journal;
  const format = outputFormat(output);
  const begun = performance.now() - (checkpoint?.ms ?? 0);
  let bytes = 0;
  const onBytes = (count: number) => {
    bytes += count;
  };
  const blocks = readBlocks(inputs, { ...run, onBytes });
  const first = await blocks.next();
  const isStream = inputs.some(({ path }) => path === STANDARD_INPUT);
  const own =
    !format.isTable || journal.isFinished
      ? undefined
      : isStream
        ? blockColumns(first.done ? { index: 0, rows: [], problems: [] } : first.value)
        : await journal.keep('columns', () => scanColumns(inputs, undefined, signal));
  const tally = checkpoint === undefined ? emptyTally() : structuredClone(checkpoint.tally);
  const resumed = rowsOf(tally);
  if (journal.isFinished) run.onNote?.(`${output} is finished already; its input is checked against it`);
  else if (resumed > 0) run.onNote?.(`goes on behind the ${resumed} rows that were done before`);
  const written = { bytes: checkpoint?.bytes.data ?? 0, notes: journal.notes };
  const writer = createBlockWriter({ format, own, added, metadata: run.metadata ?? {}, written, tally });

  let done = { blocks: checkpoint?.blocks ?? 0, digest: checkpoint?.digest ?? '', tally, ms: 0 };
  const source = blocksToDo(startingWith(first, blocks), checkpoint, run.textColumn, () => bytes);
  const work = async (step: Step) => ({
    ...step,
    answer: await answer(step.block),
  });
  for await (const { block, answer: answered, digest, bytes: read } of mapInOrder(
    source,
    work,
    run.blocksAhead,
  )) {
    signal?.throwIfAborted();
    if (journal.isFinished) {
      throw new RasidError('output-occupied', `${output}: is finished, and the input has grown since`, {
        hint: 'Name another --out.',
      });
    }
    writer.add(block, answered);
    done = { blocks: block.index + 1, digest, tally, ms: performance.now() - begun };
    if (done.blocks % format.blocksPerPiece === 0) await journal.commit(await writer.take(), done);
    run.onProgress?.({ bytes: read, tally, resumed });
  }
  const ms = journal.isFinished ? checkpoint!.ms : performance.now() - begun;
  const summary = summarise(tally, { model: run.model, output, rejects: rejectsFile(output), ms });
  if (!journal.isFinished) await journal.finish(await writer.end(), { ...done, ms }, summary);
  return summary;
}

/**
 * Answers every row of the inputs into the output. Killed at any moment and called again with the same arguments it goes
 * on, and the output has the same bytes as that of a run that was never disturbed.
 * @throws RasidError of `checkInputs`, `readBlocks` and `openJournal`; `resume-mismatch` where the input has changed;
 *   `disk-full` or `output-unwritable`. What was committed before is kept for the next start.
 */
export async function runBulk(run: BulkRun): Promise<BulkSummary> {
  const { inputs, output, model, blockRows, textColumn, added } = run;
  await checkInputs(inputs, textColumn);
  const journal = await openJournal(output, {
    inputs: inputs.map(({ path }) => path),
    formats: inputs.map(({ format }) => format),
    output: outputFormat(output),
    model,
    blockRows,
    textColumn,
    columns: added.columns,
    ...run.facts,
  });
  try {
    return await runJournal(run, journal);
  } finally {
    await journal.close();
  }
}
