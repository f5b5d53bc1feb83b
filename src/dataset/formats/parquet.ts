/** Parquet (by hyparquet), one row group in memory at a time. */

import { asyncBufferFromFile, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { type Item, problem, type ReadOptions } from './item.ts';

/** Top-level columns, in their order. */
function columnNames({ schema }: FileMetaData): string[] {
  const names: string[] = [];
  // The schema is a tree written depth first; the children of a nested column are passed over.
  let at = 1;
  const skip = () => {
    const children = schema[at++]?.num_children ?? 0;
    for (let i = 0; i < children; i++) skip();
  };
  for (let i = 0; i < (schema[0]?.num_children ?? 0); i++) {
    names.push(schema[at]?.name ?? '');
    skip();
  }
  return names;
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
  yield { kind: 'columns', names: columnNames(metadata) };
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
