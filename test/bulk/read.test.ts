import { parquetWriteBuffer } from 'hyparquet-writer';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import type { InputBlock } from '../../src/bulk/block.ts';
import { type Input, readBlocks } from '../../src/bulk/read.ts';
import { file, fresh, lines, readLines, rows, run } from './stand-in.ts';

async function blocksOf(inputs: Input[], blockRows = 10, notes: string[] = []): Promise<InputBlock[]> {
  const blocks: InputBlock[] = [];
  const onNote = (line: string) => void notes.push(line);
  for await (const block of readBlocks(inputs, { blockRows, onNote })) blocks.push(block);
  return blocks;
}

describe('readBlocks', () => {
  it('gives every row of every file once, in order, in blocks that do not depend on the reading', async () => {
    const a = await file('a.jsonl', lines(rows(25)));
    const b = await file('b.csv', 'id,text\n1,sea\n2,sky\n');
    const inputs: Input[] = [
      { path: a, format: 'jsonl' },
      { path: b, format: 'csv' },
    ];

    const blocks = await blocksOf(inputs);

    expect(blocks.map(({ index, rows: own }) => [index, own.length])).toEqual([
      [0, 10],
      [1, 10],
      [2, 7],
    ]);
    const found = blocks.flatMap((block) => block.rows.map(({ file: name, line }) => [name, line]));
    expect(found).toEqual([...rows(25).map((_, i) => [a, i + 1]), [b, 2], [b, 3]]);
    expect(await blocksOf(inputs)).toEqual(blocks);
  });

  it('closes a block of long texts early', async () => {
    const long = 'خبر '.repeat(200_000);
    const path = await file('long.jsonl', lines(Array.from({ length: 6 }, () => ({ text: long }))));

    const blocks = await blocksOf([{ path, format: 'jsonl' }], 100);

    expect(blocks.map((block) => block.rows.length)).toEqual([3, 3]);
  });

  it('says before which row each line stands that could not be read', async () => {
    const path = await file('a.jsonl', `{"text":"sea"}\n[]\n{"text":"sky"}\nnull\n`);

    const [block] = await blocksOf([{ path, format: 'jsonl' }]);

    expect(block!.problems).toEqual([
      { before: 1, rejection: { file: path, line: 2, code: 'data-invalid', reason: 'is no JSON object' } },
      { before: 2, rejection: { file: path, line: 4, code: 'data-invalid', reason: 'is no JSON object' } },
    ]);
  });

  it('tells of an encoding that was assumed', async () => {
    const path = await file('a.csv', iconv.encode('id,text\n1,أعلنت الشرطة ضبط شحنة كبيرة\n', 'win1256'));
    const notes: string[] = [];

    const [block] = await blocksOf([{ path, format: 'csv' }], 10, notes);

    expect(block!.rows[0]!.columns.text).toBe('أعلنت الشرطة ضبط شحنة كبيرة');
    expect(notes).toEqual([`${path}: read as windows-1256`]);
  });
});

describe('a damaged row group of a Parquet file', () => {
  it('is rejected with all its rows, and the others are answered', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    const bytes = Buffer.from(
      parquetWriteBuffer({
        columnData: [
          { name: 'id', data: ids, type: 'STRING' },
          { name: 'text', data: ids.map((id) => `sea ${id} `.repeat(100)), type: 'STRING' },
        ],
        rowGroupSize: 2,
      }),
    );
    const middle = bytes.indexOf(Buffer.from('sea c'));
    bytes.fill(0xff, middle - 30, middle + 20);
    const path = await file('a.parquet', bytes);
    const output = fresh('out.jsonl');

    const summary = await run(path, output, { inputs: [{ path, format: 'parquet' }] });

    expect((await readLines(output)).map(({ id }) => id)).toEqual(['a', 'b', 'e', 'f']);
    expect(await readLines(`${output}.rejects.jsonl`)).toEqual([
      {
        file: path,
        line: 3,
        lastLine: 4,
        code: 'parquet-invalid',
        reason: expect.stringContaining('damaged'),
      },
    ]);
    expect(summary).toMatchObject({ rows: 6, answered: 4, rejected: 2 });
  });
});
