import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { AnswerBlock } from '../../src/bulk/block.ts';
import { misfit, scanColumns } from '../../src/bulk/input-columns.ts';
import { file, fresh, lines, run, standIn } from './stand-in.ts';

describe('scanColumns', () => {
  it('finds every column of every file, with a type that holds all its values', async () => {
    const records = [
      { a: 1, b: 'x', c: true, d: 1, e: [1], f: null },
      { a: 2.5, b: 3, c: false, d: 9_007_199_254_740_993n, e: 'x' },
      { late: 1 },
    ];
    const text = lines(records.map(({ d: _, ...rest }) => rest)).replace(
      '"c":false',
      '"c":false,"d":9007199254740993',
    );
    const jsonl = await file('a.jsonl', text);
    const csv = await file('b.csv', 'a,z\n1,2\n');

    const columns = await scanColumns([
      { path: jsonl, format: 'jsonl' },
      { path: csv, format: 'csv' },
    ]);

    expect(Object.fromEntries(columns.map(({ name, type }) => [name, type]))).toEqual({
      a: 'string', // a number in one file, text in the other
      b: 'string',
      c: 'boolean',
      d: 'integer',
      e: 'json',
      f: 'string',
      late: 'integer',
      z: 'string',
    });
  });
});

describe('misfit', () => {
  const types = new Map([
    ['n', 'integer'],
    ['s', 'string'],
  ] as const);
  const row = (columns: object) => ({ file: 'a', line: 1, columns: { ...columns } });
  it.each([
    [{ n: 1, s: 'x' }, undefined],
    [{ n: null }, undefined],
    [{ s: 5 }, undefined],
    [{ n: 'x' }, 'column n: is string, not integer'],
    [{ n: 1.5 }, 'column n: is double, not integer'],
    [{ other: 1 }, 'column other'],
  ])('of %j is %s', (columns, expected) => {
    const found = misfit(row(columns), types);
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(expected);
  });
});

describe('a table whose columns were settled before', () => {
  it('rejects rows that do not fit, and loses none', async () => {
    const records = [
      { text: 'sea', n: 1 },
      { text: 'sky', n: 2 },
    ];
    const input = await file('in.jsonl', lines(records));
    const output = fresh('out.csv');
    const changes = { blockRows: 1, blocksAhead: 1 };
    const dying: AnswerBlock = (block) =>
      block.index === 1 ? Promise.reject(new Error('killed')) : standIn(block);
    await expect(run(input, output, { ...changes, answer: dying })).rejects.toThrow('killed');
    // What is still to be read has changed since the columns were looked for.
    await writeFile(input, lines([records[0], { text: 'sky', n: 'word' }, { text: 'land', more: 1 }]));

    const summary = await run(input, output, changes);

    expect(summary).toMatchObject({ answered: 1, rejected: 2, reasons: { 'data-invalid': 2 } });
  });
});
