/** The columns of an input as a whole, for outputs whose columns are settled before the first row. */

import { FORMATS } from '../dataset/formats/formats.ts';
import type { ColumnType } from '../dataset/formats/item.ts';
import type { InputBlock, Row } from './block.ts';
import type { OutputColumn, OutputType } from './output/writer.ts';
import type { Input } from './read.ts';

const INT64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n };

/** The type of one cell; undefined where it is empty. */
function typeOf(value: unknown): ColumnType | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number')
    return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? 'integer' : 'double';
  if (typeof value === 'bigint') return value >= INT64.least && value <= INT64.most ? 'integer' : 'string';
  if (value instanceof Date) return 'timestamp';
  return typeof value === 'string' ? 'string' : 'json';
}

/** The type of a column that holds both. */
function merge(a: ColumnType | undefined, b: ColumnType | undefined): ColumnType | undefined {
  if (a === undefined || b === undefined || a === b) return a ?? b;
  if (a === 'json' || b === 'json') return 'json';
  const isNumber = [a, b].every((type) => type === 'integer' || type === 'double');
  return isNumber ? 'double' : 'string';
}

class Columns {
  readonly #types = new Map<string, ColumnType | undefined>();

  add(name: string, type: ColumnType | undefined): void {
    this.#types.set(name, merge(this.#types.get(name), type));
  }

  /** A column without any value is one of strings. */
  list(): OutputColumn[] {
    return [...this.#types].map(([name, type]) => ({ name, type: type ?? 'string' }));
  }
}

/**
 * Every column of the files, in the order they are met. JSON Lines are read to their end, for their last row may hold
 * another; the other formats tell at their beginning. What cannot be read is passed over here: the run will meet it.
 */
export async function scanColumns(
  inputs: readonly Input[],
  onBytes?: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<OutputColumn[]> {
  const columns = new Columns();
  for (const { path, format } of inputs) {
    for await (const item of FORMATS[format](path, onBytes === undefined ? {} : { onBytes })) {
      signal?.throwIfAborted();
      if (item.kind === 'columns') {
        for (const [i, name] of item.names.entries()) columns.add(name, item.types?.[i] ?? 'string');
        break;
      }
      if (item.kind === 'row')
        for (const [name, value] of Object.entries(item.fields)) columns.add(name, typeOf(value));
    }
  }
  return columns.list();
}

/** The columns of the first block, where no more can be known: numbers may be words further on, so all are words. */
export function blockColumns({ rows }: InputBlock): OutputColumn[] {
  const columns = new Columns();
  for (const row of rows)
    for (const [name, value] of Object.entries(row.columns))
      columns.add(name, typeOf(value) === 'json' ? 'json' : 'string');
  return columns.list();
}

/** Why a row does not fit into the columns that were settled, or undefined where it does. */
export function misfit(
  { columns: cells }: Row,
  columns: ReadonlyMap<string, OutputType>,
): string | undefined {
  for (const [name, value] of Object.entries(cells)) {
    const type = columns.get(name);
    if (type === undefined)
      return `column ${name}: the rows that settled the columns of the output have none such`;
    const own = typeOf(value);
    if (own !== undefined && merge(type as ColumnType, own) !== type)
      return `column ${name}: is ${own}, not ${type} as in the rows that settled the output`;
  }
  return undefined;
}
