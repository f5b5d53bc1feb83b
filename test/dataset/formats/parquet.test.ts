import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { readParquet } from '../../../src/dataset/formats/parquet.ts';
import { file, problemsOf, readAll, rowsOf } from './read.ts';

const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
const texts = ids.map((id) => `خبر ${id} `.repeat(200));
const bytes = () =>
  Buffer.from(
    parquetWriteBuffer({
      columnData: [
        { name: 'id', data: ids, type: 'STRING' },
        { name: 'text', data: texts, type: 'STRING' },
        { name: 'year', data: ids.map((_, i) => BigInt(2_020 + i)), type: 'INT64' },
      ],
      rowGroupSize: 2,
    }),
  );

describe('readParquet', () => {
  it('reads all row groups', async () => {
    const items = await readAll(readParquet, await file('a.parquet', bytes()));

    expect(items[0]).toEqual({
      kind: 'columns',
      names: ['id', 'text', 'year'],
      types: ['string', 'string', 'integer'],
    });
    expect(rowsOf(items)).toEqual(
      ids.map((id, i) => [i + 1, { id, text: texts[i], year: BigInt(2_020 + i) }]),
    );
  });

  it.each([
    ['cut short', bytes().subarray(0, -20)],
    ['empty', Buffer.alloc(0)],
    ['of another kind', Buffer.from('id,text\n1,2\n')],
  ])('says of a file that is %s that nothing was read', async (_, content) => {
    const items = await readAll(readParquet, await file('a.parquet', content));

    expect(problemsOf(items)).toEqual([
      [undefined, expect.stringMatching(/no Parquet file or is cut short/)],
    ]);
    expect(rowsOf(items)).toEqual([]);
  });

  it('rejects a damaged row group and reads the others', async () => {
    const damaged = bytes();
    const middle = damaged.indexOf(Buffer.from('خبر c'));
    damaged.fill(0xff, middle - 40, middle + 200);

    const items = await readAll(readParquet, await file('a.parquet', damaged));

    expect(rowsOf(items).map(([row]) => row)).toEqual([1, 2, 5, 6]);
    expect(items.filter(({ kind }) => kind === 'problem')).toEqual([
      expect.objectContaining({ row: 3, lastRow: 4, code: 'parquet-invalid' }),
    ]);
  });
});
