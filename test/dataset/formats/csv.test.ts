import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectDelimiter, readCsv, readTsv } from '../../../src/dataset/formats/csv.ts';
import { file, problemsOf, readAll, rowsOf } from './read.ts';

async function read(content: string, options = {}, reader = readCsv) {
  const items = await readAll(reader, await file('a.csv', content), options);
  return { rows: rowsOf(items), problems: problemsOf(items), items };
}

describe('readCsv', () => {
  it('reads back what csv-stringify writes, whatever the cells hold', async () => {
    const cell = fc.string({ unit: fc.constantFrom(...'اب ,;"\n\tx') });
    const table = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom(',', ';', '\t'), async (cells, delimiter) => {
        const content = stringify([['id', 'text'], ...cells], { delimiter, quoted: true });

        const { rows, problems } = await read(content);

        expect(problems).toEqual([]);
        expect(rows.map(([, fields]) => [fields.id, fields.text])).toEqual(cells);
      }),
    );
  });

  it('numbers rows by the line they begin in', async () => {
    const { rows, items } = await read('id,text\r\n1,"سطر\r\nوسطر"\r\n\r\n2,نص\r\n');

    expect(items[0]).toEqual({ kind: 'columns', names: ['id', 'text'] });
    expect(rows).toEqual([
      [2, { id: '1', text: 'سطر\nوسطر' }],
      [5, { id: '2', text: 'نص' }],
    ]);
  });

  it('reads far more rows than one block', async () => {
    const table = Array.from({ length: 3_000 }, (_, i) => [String(i), `خبر "${i}"\nوبقيته`]);

    const { rows } = await read(stringify([['id', 'text'], ...table]));

    expect(rows.map(([, { id, text }]) => [id, text])).toEqual(table);
  });

  it.each([
    ['a quote left open', 'id,text\n1,"مفتوح\n2,ب\n3,"ج"\n', [2], ['2', '3'], 'opens a quote'],
    ['a quote left open in the last row', 'id,text\n1,ا\n2,"ب\n', [3], ['1'], 'never closed'],
    ['a quote inside a bare field', 'id,text\n1,قال "نعم" أمس\n2,ب\n', [2], ['2'], 'not quoted'],
    ['text after a closing quote', 'id,text\n1,"ا"ب\n2,ب\n', [2], ['2'], 'after a closing quote'],
    ['a row too long', 'id,text\n1,ا,ب\n2,ب\n', [2], ['2'], 'has 3 fields, the header has 2'],
    ['a row too short', 'id,text\n1\n2,ب\n', [2], ['2'], 'has 1 fields, the header has 2'],
  ])('rejects %s, and only that row', async (_, content, lines, ids, reason) => {
    const { rows, problems } = await read(content);

    expect(problems).toEqual(lines.map((line) => [line, expect.stringContaining(reason)]));
    expect(rows.map(([, { id }]) => id)).toEqual(ids);
  });

  it('finds every row again after many quotes left open', async () => {
    const bad = new Set([7, 8, 500, 1_700]);
    const line = (i: number) => (bad.has(i) ? `${i},"مفتوح` : `${i},"سليم"`);

    const { rows, problems } = await read(
      `id,text\n${Array.from({ length: 2_000 }, (_, i) => line(i)).join('\n')}\n`,
    );

    expect(problems.map(([row]) => row)).toEqual([...bad].map((i) => i + 2));
    expect(rows).toHaveLength(2_000 - bad.size);
  });

  it.each([
    ['names a column twice', 'id,id\n1,2\n', /column "id" twice/],
    ['names no column', ',,\n1,2,3\n', /names no column/],
    ['leaves a quote open', '"id,text\n1,2\n', /never closed/],
  ])('reads nothing under a header that %s', async (_, content, reason) => {
    const { rows, problems } = await read(content);

    expect(problems).toEqual([[1, expect.stringMatching(reason)]]);
    expect(rows).toEqual([]);
  });

  it('takes quotes for text where the mapping says so', async () => {
    const { rows } = await read('id\ttext\n1\t"قال" الوزير\n', { quote: false }, readTsv);

    expect(rows).toEqual([[2, { id: '1', text: '"قال" الوزير' }]]);
  });
});

describe('detectDelimiter', () => {
  it.each([
    ['id,text', ','],
    ['id;text;a,b', ';'],
    ['id\ttext', '\t'],
    ['"a,b,c";d', ';'],
    ['text', ','],
  ])('%j: %j', (header, delimiter) => {
    expect(detectDelimiter(header)).toBe(delimiter);
  });

  it.each([
    ['other columns', 'id,date,text'],
    ['another order', 'text,id'],
  ])('reads nothing on where the header changes midway to %s', async (_, header) => {
    const { rows, problems, items } = await read(`id,text\n1,ا\n${header}\n2,ب\n3,ج\n`);

    expect(rows.map(([row]) => row)).toEqual([2]);
    expect(problems).toEqual([
      [3, expect.stringContaining(`from id, text to ${header.replaceAll(',', ', ')}`)],
    ]);
    expect(items.at(-1)).toMatchObject({ isLast: true });
  });

  it('rejects a header that is repeated, and reads on', async () => {
    const { rows, problems } = await read('id,text\n1,ا\nid,text\n2,ب\n');

    expect(rows.map(([row]) => row)).toEqual([2, 4]);
    expect(problems).toEqual([[3, 'repeats the header']]);
  });

  it('takes a row for a row though a cell is called like a column', async () => {
    const { rows } = await read('id,kind,text\n1,text,ا\n2,id,text\n');

    expect(rows.map(([row]) => row)).toEqual([2, 3]);
  });
});
