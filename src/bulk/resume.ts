/** Passing over what an earlier start of a run has done, sure that it was the same. */

import { createHash } from 'node:crypto';
import { formatJson } from '../dataset/formats/json.ts';
import { cellOf } from '../dataset/import/convert.ts';
import { RasidError } from '../errors.ts';
import type { InputBlock } from './block.ts';
import type { Checkpoint } from './journal.ts';
import { nameOf } from './read.ts';
import type { Tally } from './tally.ts';

/** A block that is to be answered. */
export interface Step {
  block: InputBlock;
  /** sha256 over all rows up to the end of this block. */
  digest: string;
  /** Bytes of the input read up to here. */
  bytes: number;
}

export const rowsOf = (tally: Tally) => tally.answered + tally.rejected;

function digestBlock(before: string, { rows, problems }: InputBlock): string {
  const hash = createHash('sha256').update(before);
  for (const { line, columns } of rows) hash.update(`${line}\0${formatJson(columns)}\n`);
  for (const { rejection } of problems) hash.update(`${formatJson(rejection)}\n`);
  return hash.digest('hex');
}

const changedInput = (rows: number) =>
  new RasidError(
    'resume-mismatch',
    `the input has changed: its first ${rows} rows are not those done before`,
    {
      hint: 'Give the same input again, or remove the unfinished output and begin anew.',
    },
  );

/** A wrong name of the column must not end in as many rejects as there are rows. */
function checkFirstBlock({ rows }: InputBlock, textColumn: string): void {
  if (rows.length === 0 || rows.some(({ columns }) => cellOf(columns, textColumn) !== undefined)) return;
  const { file, line, columns } = rows[0]!;
  throw new RasidError(
    'data-invalid',
    `${nameOf(file)}:${line}: none of the first ${rows.length} rows has a column ${textColumn}; this one has ${Object.keys(columns).join(', ')}`,
    { hint: 'Name the column of the texts with --text-column.' },
  );
}

/**
 * The blocks that are still to be done.
 * @throws RasidError `resume-mismatch` where those done before were others; `data-invalid` where no row of the first block
 *   has the column of the texts.
 */
export async function* blocksToDo(
  blocks: AsyncIterable<InputBlock>,
  checkpoint: Checkpoint | undefined,
  textColumn: string,
  bytesRead: () => number,
): AsyncGenerator<Step> {
  const done = checkpoint?.blocks ?? 0;
  let digest = '';
  let next = 0;
  for await (const block of blocks) {
    if (block.index === 0) checkFirstBlock(block, textColumn);
    digest = digestBlock(digest, block);
    next = block.index + 1;
    if (next > done) yield { block, digest, bytes: bytesRead() };
    else if (next === done && digest !== checkpoint!.digest) throw changedInput(rowsOf(checkpoint!.tally));
  }
  if (next < done) throw changedInput(rowsOf(checkpoint!.tally));
}
