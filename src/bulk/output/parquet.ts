/** Parquet (by hyparquet-writer): one row group a piece. A piece's note is its entry in the file's footer. */

import type { KeyValue, RowGroup, SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { formatJson } from '../../dataset/formats/json.ts';
import { RasidError } from '../../errors.ts';
import type { OutputColumn, OutputType, RowWriter, Written } from './writer.ts';

const BIGINT = /^(-?\d+)n$/;

const writeNote = (group: RowGroup) =>
  JSON.stringify(group, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));

const readNote = (note: string): RowGroup =>
  JSON.parse(note, (key, value) =>
    typeof value === 'string' && key !== 'path_in_schema' && BIGINT.test(value)
      ? BigInt(value.slice(0, -1))
      : value,
  );

const list = (name: string, element: Partial<SchemaElement>): SchemaElement[] => [
  { name, repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', repetition_type: 'REQUIRED', ...element },
];

const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const;

const ELEMENTS: Record<OutputType, (name: string) => SchemaElement[]> = {
  string: (name) => [{ name, repetition_type: 'OPTIONAL', ...text }],
  integer: (name) => [{ name, repetition_type: 'OPTIONAL', type: 'INT64' }],
  double: (name) => [{ name, repetition_type: 'OPTIONAL', type: 'DOUBLE' }],
  boolean: (name) => [{ name, repetition_type: 'OPTIONAL', type: 'BOOLEAN' }],
  timestamp: (name) => [
    { name, repetition_type: 'OPTIONAL', type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
  ],
  json: (name) => [{ name, repetition_type: 'OPTIONAL', ...text }],
  strings: (name) => list(name, text),
  doubles: (name) => list(name, { type: 'DOUBLE' }),
  vector: (name) => list(name, { type: 'FLOAT' }),
};

/** A value as its column takes it. Types were settled before; here none but fitting ones arrive. */
function convert(type: OutputType, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (type === 'string') return typeof value === 'string' ? value : asText(value);
  if (type === 'json') return formatJson(value);
  if (type === 'integer') return BigInt(value as number);
  if (type === 'double') return Number(value);
  return value instanceof Float32Array ? Array.from(value) : value;
}

/** Any value where a column holds values of several types. */
const asText = (value: unknown) =>
  value instanceof Date ? value.toISOString() : typeof value === 'object' ? formatJson(value) : String(value);

/** @param metadata Facts about the file that its footer holds. */
export function createParquetWriter(
  columns: readonly OutputColumn[],
  metadata: Record<string, string>,
  { bytes: written, notes }: Written,
): RowWriter {
  const names = columns.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new RasidError('data-invalid', `the output would have column ${twice} twice`);
  const buffer = new ByteWriter();
  const schema: SchemaElement[] = [
    { name: 'root', num_children: columns.length },
    ...columns.flatMap(({ name, type }) => ELEMENTS[type](name)),
  ];
  const kvMetadata: KeyValue[] = Object.entries(metadata).map(([key, value]) => ({ key, value }));
  const parquet = new ParquetWriter({
    writer: buffer,
    schema,
    kvMetadata,
    statistics: false,
    createdBy: 'rasid',
  });
  if (written > 0) {
    // The file has its first bytes already.
    buffer.index = 0;
    buffer.offset = written;
    parquet.row_groups = notes.map(readNote);
    parquet.num_rows = parquet.row_groups.reduce((sum, { num_rows }) => sum + num_rows, 0n);
  }
  let rows: unknown[][] = columns.map(() => []);

  function drain(): Uint8Array {
    const bytes = Buffer.from(buffer.getBytes());
    buffer.index = 0;
    return bytes;
  }

  return {
    add(row) {
      for (const [i, { name, type }] of columns.entries()) rows[i]!.push(convert(type, row[name]));
    },
    async take() {
      const count = rows[0]?.length ?? 0;
      if (count === 0) return { bytes: new Uint8Array(0) };
      const columnData = columns.map(({ name, type }, i) => ({
        name,
        data: rows[i]!,
        offsetIndex: false,
        ...(type === 'vector' ? { codec: 'UNCOMPRESSED' as const, encoding: 'PLAIN' as const } : {}),
      }));
      rows = columns.map(() => []);
      await parquet.write({ columnData, rowGroupSize: count });
      return { bytes: drain(), note: writeNote(parquet.row_groups.at(-1)!) };
    },
    async end() {
      await parquet.finish();
      return drain();
    },
  };
}
