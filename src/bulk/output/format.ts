/** Every format that can be written, and which one a path asks for. */

import { extname } from 'node:path';
import { withoutGzipEnding } from '../../dataset/formats/source.ts';
import { RasidError } from '../../errors.ts';
import { withGzip } from './gzip.ts';
import { createParquetWriter } from './parquet.ts';
import { createJsonLinesWriter, createTableWriter } from './text.ts';
import type { OutputColumn, RowWriter, Written } from './writer.ts';

export type OutputKind = 'jsonl' | 'csv' | 'tsv' | 'parquet';

export interface OutputFormat {
  kind: OutputKind;
  isGzip: boolean;
  /** Whether all columns must be known before the first row is written. */
  isTable: boolean;
  /** Blocks that are written and committed together: gzip and Parquet pack the better the more there are. */
  blocksPerPiece: number;
}

const ENDINGS: Record<string, OutputKind> = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.parquet': 'parquet',
};
const PACKED_BLOCKS = 16;

/** @throws RasidError `usage` where the ending names no format. */
export function outputFormat(path: string): OutputFormat {
  const bare = withoutGzipEnding(path);
  const isGzip = bare !== path;
  const kind = ENDINGS[extname(bare).toLowerCase()];
  if (kind === undefined || (kind === 'parquet' && isGzip)) {
    throw new RasidError('usage', `${path}: write .jsonl, .csv or .tsv (each also with .gz) or .parquet`);
  }
  return {
    kind,
    isGzip,
    isTable: kind !== 'jsonl',
    blocksPerPiece: isGzip || kind === 'parquet' ? PACKED_BLOCKS : 1,
  };
}

/**
 * @param columns All columns of a table; JSON Lines write what each row holds.
 * @param metadata Facts for the footer of a Parquet file.
 */
export function createWriter(
  { kind, isGzip }: OutputFormat,
  columns: readonly OutputColumn[],
  metadata: Record<string, string>,
  written: Written,
): RowWriter {
  if (kind === 'parquet') return createParquetWriter(columns, metadata, written);
  const text =
    kind === 'jsonl'
      ? createJsonLinesWriter()
      : createTableWriter(columns, kind === 'tsv' ? '\t' : ',', written);
  return isGzip ? withGzip(text, written) : text;
}
