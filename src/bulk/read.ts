/** Files in, blocks of rows out: one row after the other, whatever the format, with what could not be read in its place. */

import { FORMATS } from '../dataset/formats/formats.ts';
import type { Problem } from '../dataset/formats/item.ts';
import { STANDARD_INPUT } from '../dataset/formats/source.ts';
import { cellOf } from '../dataset/import/convert.ts';
import { RasidError } from '../errors.ts';
import type { InputBlock, Rejection, Row } from './block.ts';

export const INPUT_FORMATS = ['jsonl', 'csv', 'tsv', 'parquet'] as const;
export type InputFormat = (typeof INPUT_FORMATS)[number];

export interface Input {
  /** `-`: standard input. */
  path: string;
  format: InputFormat;
}

export interface ReadOptions {
  /** Most rows of a block. */
  blockRows: number;
  /** Told the bytes read, as they are read. */
  onBytes?: (bytes: number) => void;
  /** Told what was assumed of a file. */
  onNote?: (line: string) => void;
  signal?: AbortSignal;
}

/** Letters after which a block is closed, so that blocks of long texts hold little memory. */
const BLOCK_LETTERS = 2_000_000;

/** A file as a person knows it. */
export const nameOf = (path: string) => (path === STANDARD_INPUT ? 'standard input' : path);

/** A file that cannot be read on: nobody can say which rows are missing, so the run ends here. */
function fileError({ path }: Input, { code, reason, row }: Problem): RasidError {
  const place = row === undefined ? nameOf(path) : `${nameOf(path)}:${row}`;
  return new RasidError(code, `${place}: ${reason}`, {
    hint: 'Put a sound file in its place and run the same command again: what is done is kept.',
  });
}

const rejection = ({ path }: Input, { code, reason, row, lastRow }: Problem): Rejection => ({
  file: path,
  line: row!,
  ...(lastRow === undefined || lastRow === row ? {} : { lastLine: lastRow }),
  code,
  reason,
});

function letters(columns: Record<string, unknown>): number {
  let sum = 0;
  for (const value of Object.values(columns)) if (typeof value === 'string') sum += value.length;
  return sum;
}

/** @throws RasidError with the reader's code where the file is damaged as a whole. */
async function* readFile(input: Input, options: ReadOptions): AsyncGenerator<Row | Rejection> {
  const { onBytes, onNote, signal } = options;
  for await (const item of FORMATS[input.format](input.path, onBytes === undefined ? {} : { onBytes })) {
    signal?.throwIfAborted();
    if (item.kind === 'note') onNote?.(`${nameOf(input.path)}: ${item.message}`);
    else if (item.kind === 'row') yield { file: input.path, line: item.row, columns: item.fields };
    else if (item.kind !== 'problem') continue;
    else if (item.row === undefined || item.isLast) throw fileError(input, item);
    else yield rejection(input, item);
  }
}

/**
 * The rows of all inputs in blocks; the same inputs give the same blocks.
 * @throws RasidError `file-unreadable`, `csv-invalid`, `gzip-invalid`, `parquet-invalid` or `utf8-invalid` where a file
 *   cannot be read on, naming the file.
 */
export async function* readBlocks(
  inputs: readonly Input[],
  options: ReadOptions,
): AsyncGenerator<InputBlock> {
  let block: InputBlock = { index: 0, rows: [], problems: [] };
  let held = 0;
  for (const input of inputs) {
    for await (const found of readFile(input, options)) {
      if ('code' in found) block.problems.push({ before: block.rows.length, rejection: found });
      else {
        block.rows.push(found);
        held += letters(found.columns);
      }
      const { rows, problems } = block;
      if (Math.max(rows.length, problems.length) < options.blockRows && held < BLOCK_LETTERS) continue;
      yield block;
      block = { index: block.index + 1, rows: [], problems: [] };
      held = 0;
    }
  }
  if (block.rows.length + block.problems.length > 0) yield block;
}

/**
 * Looks at the beginning of each file, so that a run does not meet hours later what can be known now.
 * @throws RasidError as `readBlocks`, and `data-invalid` where a file's header names no column of the text.
 */
export async function checkInputs(inputs: readonly Input[], textColumn: string): Promise<void> {
  for (const input of inputs) {
    if (input.path === STANDARD_INPUT) continue;
    for await (const item of FORMATS[input.format](input.path, {})) {
      if (item.kind === 'note') continue;
      if (item.kind === 'problem' && (item.row === undefined || item.isLast)) throw fileError(input, item);
      if (item.kind === 'columns') checkColumns(input, item.names, textColumn);
      break;
    }
  }
}

function checkColumns({ path }: Input, names: readonly string[], textColumn: string): void {
  const blank = Object.fromEntries(names.map((name) => [name, {}]));
  if (names.includes(textColumn) || cellOf(blank, textColumn.split('.')[0]!) !== undefined) return;
  throw new RasidError(
    'data-invalid',
    `${nameOf(path)}: has no column ${textColumn}; it has ${names.join(', ')}`,
    {
      hint: 'Name the column of the texts with --text-column.',
    },
  );
}
