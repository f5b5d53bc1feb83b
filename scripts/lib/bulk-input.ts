/** What `bulk` and its commands of the queue share: inputs, and the columns that are read and written. */

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DEFAULT_PREFIX, type LabelColumnOptions } from '../../src/bulk/output/columns.ts';
import { INPUT_FORMATS, type Input, type InputFormat } from '../../src/bulk/read.ts';
import { DEFAULT_TEXT_COLUMNS, type TextColumns } from '../../src/bulk/text.ts';
import { detectFormat } from '../../src/dataset/formats/formats.ts';
import { STANDARD_INPUT } from '../../src/dataset/formats/source.ts';
import { describeReadError, RasidError } from '../../src/errors.ts';
import type { OptionSpec, OptionValues } from './cli.ts';

export const usage = (message: string) => new RasidError('usage', message);

export const INPUT_OPTIONS = {
  format: {
    type: 'string',
    value: 'name',
    description: `${INPUT_FORMATS.join(', ')}; default: by each input's ending, jsonl for standard input (-)`,
  },
  embed: { type: 'boolean', description: 'Writes vectors instead of labels' },
  'text-column': { type: 'string', value: 'name', description: 'Column of the texts; default: text' },
  'title-column': {
    type: 'string',
    value: 'name',
    description: 'Column read before the text where it is filled; default: title',
  },
  prefix: {
    type: 'string',
    value: 'text',
    description: `Before the names of the columns of labels; default: ${DEFAULT_PREFIX}`,
  },
  'all-scores': {
    type: 'boolean',
    description: 'Writes the scores of all labels, not of the accepted alone',
  },
} as const satisfies Record<string, OptionSpec>;

/** The format named, or that of the path's ending; standard input is JSON Lines unless it is named. */
async function toInput(path: string, named: string | undefined): Promise<Input> {
  const format = named ?? (path === STANDARD_INPUT ? 'jsonl' : await detectFormat(path));
  if (!(INPUT_FORMATS as readonly string[]).includes(format))
    throw usage(`${path}: reads ${INPUT_FORMATS.join(', ')}, not ${format}`);
  if (format === 'parquet' && path === STANDARD_INPUT)
    throw usage('Parquet cannot be read from standard input');
  if (path !== STANDARD_INPUT) {
    const info = await stat(path).catch((error: unknown) => {
      throw describeReadError(error, path);
    });
    if (info.isDirectory()) throw usage(`${path}: is a folder`);
  }
  return { path, format: format as InputFormat };
}

/** @throws RasidError `usage`, `file-unreadable`. */
export async function toInputs(paths: readonly string[], format: string | undefined): Promise<Input[]> {
  if (paths.length === 0) throw usage('no input');
  if (paths.includes(STANDARD_INPUT) && paths.length > 1) throw usage('standard input (-) is read alone');
  if (new Set(paths.map((path) => resolve(path))).size < paths.length) throw usage('an input is named twice');
  const inputs: Input[] = [];
  for (const path of paths) inputs.push(await toInput(path, format));
  return inputs;
}

/** The columns that are read and, where labels are wanted, how those written are named. @throws RasidError `usage`. */
export function chosenColumns(options: OptionValues<typeof INPUT_OPTIONS>): {
  columns: TextColumns;
  labels: LabelColumnOptions | undefined;
} {
  const { embed, prefix } = options;
  if (embed && (prefix !== undefined || options['all-scores']))
    throw usage('--prefix and --all-scores are for labels, not for --embed');
  return {
    columns: {
      text: options['text-column'] ?? DEFAULT_TEXT_COLUMNS.text,
      title: options['title-column'] ?? DEFAULT_TEXT_COLUMNS.title,
    },
    labels: embed ? undefined : { prefix: prefix ?? DEFAULT_PREFIX, allScores: options['all-scores'] },
  };
}
