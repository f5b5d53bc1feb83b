import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { stringify } from 'csv-stringify/sync';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import type { AnswerBlock } from '../../src/bulk/block.ts';
import type { InputFormat } from '../../src/bulk/read.ts';
import { readCsv } from '../../src/dataset/formats/csv.ts';
import type { Reader } from '../../src/dataset/formats/item.ts';
import { readJsonLines } from '../../src/dataset/formats/json-lines.ts';
import { readParquet } from '../../src/dataset/formats/parquet.ts';
import { readAll, rowsOf } from '../dataset/formats/read.ts';
import { beside, file, fresh, lines, readLines, rows, run, standIn, standInAnswer } from './stand-in.ts';

const labelsOf = (text: string) => standInAnswer(text).heads.topics!.accepted.map(({ id }) => id);

describe('runBulk', () => {
  it('keeps every column and the order, and adds the labels', async () => {
    const records = rows(95);
    const output = fresh('out.jsonl');

    const summary = await run(await file('in.jsonl', lines(records)), output);

    const written = await readLines(output);
    expect(written.map(({ id, text, tags }) => ({ id, text, tags }))).toEqual(records);
    expect(written.map((row) => row.predicted_topics)).toEqual(records.map(({ text }) => labelsOf(text)));
    expect(summary).toMatchObject({
      rows: 95,
      answered: 95,
      rejected: 0,
      abstained: records.filter(({ text }) => labelsOf(text).length === 0).length,
      labels: {
        topics: { sea: records.filter(({ text }) => text.includes('sea')).length },
        mood: { storm: records.filter(({ text }) => text.includes('storm')).length },
      },
    });
    expect(JSON.parse(await readFile(`${output}.summary.json`, 'utf8'))).toMatchObject({
      rows: 95,
      model: 'stand-in',
    });
    expect(await beside(output)).toEqual([basename(output), `${basename(output)}.summary.json`]);
  });

  const inputs: [string, InputFormat, (records: ReturnType<typeof rows>) => string | Uint8Array][] = [
    ['in.jsonl', 'jsonl', lines],
    ['in.jsonl.gz', 'jsonl', (records) => gzipSync(lines(records))],
    [
      'in.csv',
      'csv',
      (records) =>
        stringify(
          records.map(({ id, text }) => ({ id, text })),
          { header: true },
        ),
    ],
    [
      'in.parquet',
      'parquet',
      (records) =>
        new Uint8Array(
          parquetWriteBuffer({
            columnData: [
              { name: 'id', data: records.map(({ id }) => BigInt(id)), type: 'INT64' },
              { name: 'text', data: records.map(({ text }) => text), type: 'STRING' },
            ],
            rowGroupSize: 30,
          }),
        ),
    ],
  ];
  const outputs: [string, Reader][] = [
    ['out.jsonl', readJsonLines],
    ['out.jsonl.gz', readJsonLines],
    ['out.csv', readCsv],
    ['out.csv.gz', readCsv],
    ['out.parquet', readParquet],
  ];
  it.each(
    inputs.flatMap(([name, format, content]) =>
      outputs.map(([out, reader]) => [name, out, format, content, reader] as const),
    ),
  )('reads %s and writes %s', async (name, out, format, content, reader) => {
    const records = rows(75);
    const output = fresh(out);
    const path = await file(name, content(records));

    await run(path, output, { inputs: [{ path, format }] });

    const written = rowsOf(await readAll(reader, output)).map(([, fields]) => fields);
    expect(written.map(({ id, text }) => [String(id), text])).toEqual(
      records.map(({ id, text }) => [String(id), text]),
    );
    const labels = written.map(({ predicted_topics: found }) =>
      typeof found === 'string' ? found.split(';').filter((label) => label !== '') : found,
    );
    expect(labels).toEqual(records.map(({ text }) => labelsOf(text)));
  });

  it('puts rows that cannot be classified into the rejects, with reason and position, in order', async () => {
    const good = { id: 1, text: 'sea' };
    const input = await file(
      'in.jsonl',
      `${lines([good, { id: 2 }])}\n{"id": 3,\n${lines([{ id: 4, text: '😀 ــ' }, { id: 5, text: 7 }, good])}`,
    );
    const output = fresh('out.jsonl');

    const summary = await run(input, output);

    expect(await readLines(output)).toMatchObject([good, good]);
    expect(await readLines(`${output}.rejects.jsonl`)).toMatchObject([
      { file: input, line: 2, code: 'data-invalid', reason: 'column text: has no text', columns: { id: 2 } },
      { file: input, line: 4, code: 'data-invalid', reason: expect.stringContaining('JSON') },
      { file: input, line: 5, code: 'text-unreadable', reason: expect.stringContaining('nothing to read') },
      { file: input, line: 6, code: 'data-invalid', reason: 'column text: is no text' },
    ]);
    expect(summary).toMatchObject({ rows: 6, answered: 2, rejected: 4, reasons: { 'data-invalid': 3 } });
  });

  it('keeps columns that only late rows have, and the digits of large integers', async () => {
    const input = await file(
      'in.jsonl',
      `${lines(rows(40))}{"id":1234567890123456789,"text":"sea","late":[12345678901234567891,"\\"99999999999999999999"]}\n`,
    );
    const [jsonl, csv] = [fresh('out.jsonl'), fresh('out.csv')];

    await run(input, jsonl);
    await run(input, csv);

    expect((await readFile(jsonl, 'utf8')).trimEnd().split('\n').at(-1)).toContain(
      '{"id":1234567890123456789,"text":"sea","late":[12345678901234567891,"\\"99999999999999999999"],',
    );
    const table = rowsOf(await readAll(readCsv, csv));
    expect(table.at(-1)![1]).toMatchObject({
      id: '1234567890123456789',
      late: '[12345678901234567891,"\\"99999999999999999999"]',
      tags: '',
    });
  });
});

describe('damaged input', () => {
  it('ends a run at a gzip that is cut short; with a sound file in its place it goes on', async () => {
    const records = rows(4_000).map((row) => ({ ...row, text: `${row.text} `.repeat(30) }));
    const whole = gzipSync(lines(records));
    const input = await file('in.jsonl.gz', whole.subarray(0, whole.length / 2));
    const output = fresh('out.jsonl');

    await expect(run(input, output, { blockRows: 100 })).rejects.toMatchObject({
      code: 'gzip-invalid',
      message: expect.stringContaining(`${input}: is cut short`),
    });
    expect(await beside(output)).toEqual([`${basename(output)}.partial`]);
    await writeFile(input, whole);
    const asked: number[] = [];
    const answer: AnswerBlock = (block) => {
      asked.push(block.index);
      return standIn(block);
    };
    await run(input, output, { answer, blockRows: 100 });

    expect(asked[0]).toBeGreaterThan(0);
    expect((await readLines(output)).map(({ id }) => id)).toEqual(records.map(({ id }) => id));
  });

  it('ends a run at a CSV header that changes midway, naming the line', async () => {
    const input = await file('in.csv', 'id,text\n1,sea\n2,sky\nid,date,text\n3,2020,land\n');
    const output = fresh('out.csv');

    await expect(run(input, output, { inputs: [{ path: input, format: 'csv' }] })).rejects.toMatchObject({
      code: 'csv-invalid',
      message: expect.stringContaining(`${input}:4: the header changes here`),
    });
  });

  it('refuses a Parquet file that is cut short before it does anything', async () => {
    const bytes = parquetWriteBuffer({
      columnData: [{ name: 'text', data: ['sea', 'sky'], type: 'STRING' }],
    });
    const sound = await file('a.jsonl', lines(rows(50)));
    const input = await file('b.parquet', new Uint8Array(bytes).subarray(0, -9));
    const output = fresh('out.jsonl');
    const inputs = [
      { path: sound, format: 'jsonl' as const },
      { path: input, format: 'parquet' as const },
    ];

    await expect(run(sound, output, { inputs })).rejects.toMatchObject({
      code: 'parquet-invalid',
      message: expect.stringContaining(input),
    });
    expect(await beside(output)).toEqual([]);
  });

  it('refuses rows without any text, and says which columns there are', async () => {
    const jsonl = await file('in.jsonl', lines([{ id: 1, body: 'sea' }]));
    const csv = await file('in.csv', 'id,body\n1,sea\n');

    await expect(run(jsonl, fresh('out.jsonl'))).rejects.toMatchObject({
      code: 'data-invalid',
      message: expect.stringContaining('has a column text; this one has id, body'),
    });
    await expect(
      run(csv, fresh('out.jsonl'), { inputs: [{ path: csv, format: 'csv' }] }),
    ).rejects.toMatchObject({ code: 'data-invalid', message: expect.stringContaining('it has id, body') });
  });

  it('refuses an input that has a column of a name it would add', async () => {
    const input = await file('in.jsonl', lines([...rows(2), { text: 'sea', predicted_topics: 'mine' }]));

    for (const name of ['out.jsonl', 'out.csv'])
      await expect(run(input, fresh(name))).rejects.toMatchObject({
        code: 'data-invalid',
        message: expect.stringContaining('predicted_topics'),
      });
  });
});

describe('gzip output', () => {
  it('is one sound gzip file, also of nothing', async () => {
    const output = fresh('out.jsonl.gz');
    await run(await file('in.jsonl', ''), output);
    expect(gunzipSync(await readFile(output)).toString()).toBe('');
  });
});
