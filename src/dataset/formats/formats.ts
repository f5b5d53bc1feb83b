/** Every format that can be read, and which one a path is in. */

import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { describeReadError, RasidError } from '../../errors.ts';
import { readCsv, readTsv } from './csv.ts';
import { readFolder } from './folder.ts';
import type { Reader } from './item.ts';
import { readJsonLines } from './json-lines.ts';
import { readLabelStudio } from './label-studio.ts';
import { readParquet } from './parquet.ts';
import { readProdigy } from './prodigy.ts';
import { STANDARD_INPUT, withoutGzipEnding } from './source.ts';

export const FORMATS = {
  jsonl: readJsonLines,
  csv: readCsv,
  tsv: readTsv,
  parquet: readParquet,
  folder: readFolder,
  'label-studio': readLabelStudio,
  prodigy: readProdigy,
} as const satisfies Record<string, Reader>;

export type Format = keyof typeof FORMATS;

const ENDINGS: Record<string, Format> = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.tab': 'tsv',
  '.parquet': 'parquet',
  '.json': 'label-studio',
};

/**
 * The format of a path by its ending, `.gz` behind it or not; Prodigy's files end like any other JSON Lines and have to
 * be named.
 * @throws RasidError `file-unreadable`, or `usage` where the ending tells nothing.
 */
export async function detectFormat(path: string): Promise<Format> {
  if (path === STANDARD_INPUT)
    throw new RasidError('usage', 'name the format of standard input with --format');
  const info = await stat(path).catch((error: unknown) => {
    throw describeReadError(error, path);
  });
  const bare = withoutGzipEnding(path);
  const format = info.isDirectory() ? 'folder' : ENDINGS[extname(bare).toLowerCase()];
  if (format === 'parquet' && bare !== path)
    throw new RasidError('usage', `${path}: Parquet cannot be read out of gzip; unzip it first`);
  if (format !== undefined) return format;
  throw new RasidError('usage', `${path}: its ending tells no format; name it with --format`);
}
