/** What every reader of a foreign format gives: rows, and what is wrong with the others. A reader never throws for bad data. */

import type { ErrorCode } from '../../errors.ts';
import type { TextEncodingName } from './encoding.ts';

export interface Place {
  /** Line of a text format, or number of the record in a Parquet file, a JSON array or a folder; counted from 1. */
  row?: number;
  /** Last of several rows that are lost together. */
  lastRow?: number;
  /** The file inside a folder. */
  file?: string;
}

/** One record as the file has it. */
export interface Row extends Place {
  kind: 'row';
  row: number;
  fields: Record<string, unknown>;
}

/** A row, or a whole file where `row` is left out, that cannot be read. */
export interface Problem extends Place {
  kind: 'problem';
  code: ErrorCode;
  reason: string;
  /** Whether nothing after this row can be read. */
  isLast?: boolean;
}

/** What the cells of a column are; `json`: lists and objects. */
export type ColumnType = 'string' | 'integer' | 'double' | 'boolean' | 'timestamp' | 'json';

/** The columns of a file whose rows all have the same. Comes before the first row. */
export interface Columns {
  kind: 'columns';
  names: string[];
  /** In the order of the names, where the file tells. */
  types?: ColumnType[];
}

/** A row that was joined with an earlier one (several answers about one text). */
export interface Merged {
  kind: 'merged';
  row: number;
  into: number;
}

/** What the reader assumed, e.g. an encoding other than UTF-8. */
export interface Note {
  kind: 'note';
  message: string;
}

export type Item = Row | Problem | Columns | Merged | Note;

export interface ReadOptions {
  /** Default: recognised. */
  encoding?: TextEncodingName;
  /** CSV: what stands between two fields. Default: recognised in the header. */
  delimiter?: string;
  /** CSV: what encloses a field; `false`: nothing does. Default: `"`. */
  quote?: string | false;
  /** Told the bytes read, as they are read. */
  onBytes?: (bytes: number) => void;
}

export type Reader = (path: string, options: ReadOptions) => AsyncGenerator<Item>;

export const problem = (code: ErrorCode, reason: string, place: Place = {}): Problem => ({
  kind: 'problem',
  code,
  reason,
  ...place,
});

/** The fields of a parsed value, or undefined where it is no object. */
export function fieldsOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
