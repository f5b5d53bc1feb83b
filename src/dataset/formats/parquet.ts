/** Parquet (by hyparquet), one row group in memory at a time. */

import {
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  type SchemaElement,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { type ColumnType, type Item, problem, type ReadOptions } from './item.ts';

/** What the reader gives for a column; the units and widths of numbers are not told apart. */
function columnType(element: SchemaElement): ColumnType {
  const { type, converted_type: converted, logical_type: logical } = element;
  if (element.num_children || element.repetition_type === 'REPEATED') return 'json';
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL' || logical?.type === 'FLOAT16') return 'double';
  if (type === 'INT96' || /^(?:DATE|TIMESTAMP)/.test(converted ?? logical?.type ?? '')) return 'timestamp';
  if (type === 'BOOLEAN') return 'boolean';
  if (type === 'INT32' || type === 'INT64') return 'integer';
  if (type === 'FLOAT' || type === 'DOUBLE') return 'double';
  const isText = type === 'BYTE_ARRAY' && converted !== 'JSON' && converted !== 'BSON';
  return isText || logical?.type === 'UUID' ? 'string' : 'json';
}

/** Top-level columns, in their order. */
function topLevel({ schema }: FileMetaData): SchemaElement[] {
  const columns: SchemaElement[] = [];
  // The schema is a tree written depth first; the children of a nested column are passed over.
  let at = 1;
  const skip = () => {
    const children = schema[at++]?.num_children ?? 0;
    for (let i = 0; i < children; i++) skip();
  };
  for (let i = 0; i < (schema[0]?.num_children ?? 0); i++) {
    columns.push(schema[at]!);
    skip();
  }
  return columns;
}

/** A row group that is damaged is rejected as a whole; the others are read. */
export async function* readParquet(path: string, { onBytes }: ReadOptions): AsyncGenerator<Item> {
  const file = await asyncBufferFromFile(path);
  let metadata: FileMetaData;
  try {
    metadata = await parquetMetadataAsync(file);
  } catch (error) {
    const reason = `is no Parquet file or is cut short (${(error as Error).message}); nothing was read of it`;
    yield problem('parquet-invalid', reason);
    return;
  }
  const columns = topLevel(metadata);
  yield { kind: 'columns', names: columns.map(({ name }) => name), types: columns.map(columnType) };
  let start = 0;
  for (const group of metadata.row_groups) {
    const end = start + Number(group.num_rows);
    let rows: Record<string, unknown>[];
    try {
      rows = await parquetReadObjects({ file, metadata, rowStart: start, rowEnd: end, compressors });
    } catch (error) {
      const reason = `the row group is damaged (${(error as Error).message})`;
      yield problem('parquet-invalid', reason, { row: start + 1, lastRow: end });
      start = end;
      continue;
    }
    for (const [i, fields] of rows.entries()) yield { kind: 'row', row: start + i + 1, fields };
    onBytes?.(Math.round(file.byteLength / metadata.row_groups.length));
    start = end;
  }
}
