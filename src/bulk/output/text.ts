/** Rows as text: JSON Lines, and CSV or TSV (RFC 4180, by csv-stringify). */

import { stringify } from 'csv-stringify/sync';
import { formatJson } from '../../dataset/formats/json.ts';
import type { OutputColumn, RowWriter, Written } from './writer.ts';

/** Digits that tell every float32 from its neighbours. */
const FLOAT32_DIGITS = 9;

const writtenVector = (vector: Float32Array) =>
  Array.from(vector, (x) => Number(x.toPrecision(FLOAT32_DIGITS)));

/** A vector as a list of numbers; anything else as it is. */
const plain = (value: unknown) => (value instanceof Float32Array ? writtenVector(value) : value);

export function createJsonLinesWriter(): RowWriter {
  let text = '';
  return {
    add(row) {
      const entries = Object.entries(row).map(([name, value]) => [name, plain(value)]);
      text += `${formatJson(Object.fromEntries(entries))}\n`;
    },
    async take() {
      const bytes = Buffer.from(text);
      text = '';
      return { bytes };
    },
    end: async () => new Uint8Array(0),
  };
}

/** A cell of a table: lists of words joined by `;`, other lists and objects as JSON, nothing as an empty cell. */
function cell({ type }: OutputColumn, value: unknown): string {
  if (value === null || value === undefined) return '';
  if ((type === 'strings' || type === 'doubles') && Array.isArray(value)) return value.join(';');
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? formatJson(plain(value)) : String(value);
}

/** @param columns All columns, in their order; what a row holds beside them is not written. */
export function createTableWriter(
  columns: readonly OutputColumn[],
  delimiter: string,
  { bytes: written }: Written,
): RowWriter {
  const format = (rows: string[][]) => stringify(rows, { delimiter });
  let isFresh = written === 0;
  let rows: string[][] = [];

  function flush(): Uint8Array {
    if (isFresh) rows.unshift(columns.map(({ name }) => name));
    isFresh = false;
    const bytes = Buffer.from(format(rows));
    rows = [];
    return bytes;
  }

  return {
    add: (row) => void rows.push(columns.map((column) => cell(column, row[column.name]))),
    take: async () => ({ bytes: flush() }),
    // A table without rows has its header all the same.
    end: async () => (isFresh ? flush() : new Uint8Array(0)),
  };
}
