import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { parquetWriteBuffer } from 'hyparquet-writer';
import iconv from 'iconv-lite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ImportInput, importToFile } from '../../../src/dataset/import/import.ts';
import { parseMapping } from '../../../src/dataset/import/mapping.ts';
import { readArticles } from '../../../src/dataset/jsonl.ts';
import { toyTaxonomy } from '../../classifier/toy.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rasid-import-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

const MAPPING = {
  columns: { id: 'no', text: 'body', title: 'head' },
  labels: {
    topics: {
      column: 'class',
      separator: '|',
      values: { Ground: 'land', Water: 'sea', Mixed: ['land', 'sea'], Other: null },
    },
    mood: { column: 'tone', values: { '+': 'calm' } },
  },
};
const mapping = (value: unknown = MAPPING) => parseMapping(value, toyTaxonomy, 'map.json');

/** Imports, and reads back what was written. */
async function run(inputs: string[], more: Partial<ImportInput> = {}) {
  const problems: string[] = [];
  const notes: string[] = [];
  const out = join(folder, 'out.jsonl');
  const summary = await importToFile(
    {
      inputs,
      mapping: mapping(),
      taxonomy: toyTaxonomy,
      onProblem: (line) => problems.push(line.replaceAll(`${folder}/`, '')),
      onNote: (line) => notes.push(line.replaceAll(`${folder}/`, '')),
      ...more,
    },
    out,
  );
  expect(summary.read).toBe(summary.imported + summary.rejected + summary.merged);
  expect(summary.problems).toBe(problems.length);
  return { summary, problems, notes, articles: await readArticles(out, toyTaxonomy) };
}

const TABLE = [
  { no: '1', head: 'عنوان', body: 'نص أول', class: 'Ground|sky', tone: '+' },
  { no: '2', head: '', body: 'نص ثانٍ', class: 'Mixed', tone: 'storm' },
  { no: '3', head: '', body: 'نص ثالث', class: 'Other', tone: '' },
];
const EXPECTED = [
  { id: '1', title: 'عنوان', text: 'نص أول', labels: { topics: ['land', 'sky'], mood: 'calm' } },
  { id: '2', text: 'نص ثانٍ', labels: { topics: ['land', 'sea'], mood: 'storm' } },
  { id: '3', text: 'نص ثالث' },
];
const csv = (table: object[], options = {}) => stringify(table, { header: true, ...options });

describe('importing one table', () => {
  it.each([
    ['CSV', 'a.csv', csv(TABLE)],
    ['CSV of Excel', 'a.csv', csv(TABLE, { delimiter: ';', bom: true, record_delimiter: 'windows' })],
    ['CSV in Windows-1256', 'a.csv', iconv.encode(csv(TABLE).replace('ثانٍ', 'ثان'), 'win1256')],
    ['TSV in UTF-16', 'a.tsv', iconv.encode(csv(TABLE, { delimiter: '\t' }), 'utf16', { addBOM: true })],
    ['JSONL', 'a.jsonl', TABLE.map((row) => JSON.stringify(row)).join('\n')],
    [
      'Parquet',
      'a.parquet',
      Buffer.from(
        parquetWriteBuffer({
          columnData: ['no', 'head', 'body', 'class', 'tone'].map((name) => ({
            name,
            data: TABLE.map((row) => row[name as keyof (typeof TABLE)[0]]),
            type: 'STRING' as const,
          })),
        }),
      ),
    ],
  ])('from %s', async (_, name, content) => {
    const { articles, problems, summary } = await run([await file(name, content)]);

    const expected = name === 'a.csv' && Buffer.isBuffer(content) ? { text: 'نص ثان' } : {};
    expect(articles).toEqual(EXPECTED.map((a) => (a.id === '2' ? { ...a, ...expected } : a)));
    expect(problems).toEqual([]);
    expect(summary).toMatchObject({ read: 3, imported: 3, unlabelled: 1, dropped: { topics: 1 } });
  });

  it('from folders of plain text, one class a folder', async () => {
    await file('news/Ground/b.txt', iconv.encode('نص من ملف قديم عن الزراعة', 'win1256'));
    await file('news/Water/deep/a.txt', 'نص عن البحر\n');
    await file('news/Water/empty.txt', '');
    await file('news/Fire/c.txt', 'نص');
    await file('news/readme.txt', 'نص');
    await file('news/Water/photo.jpg', 'x');
    const folders = mapping({
      columns: { id: 'name', text: 'text' },
      labels: { topics: { ...MAPPING.labels.topics, column: 'class' } },
    });

    const { articles, problems } = await run([join(folder, 'news')], { mapping: folders });

    expect(articles).toEqual([
      { id: 'Ground/b', text: 'نص من ملف قديم عن الزراعة', labels: { topics: ['land'] } },
      { id: 'Water/deep/a', text: 'نص عن البحر', labels: { topics: ['sea'] } },
    ]);
    expect(problems).toEqual([
      expect.stringMatching(/^news\/Fire\/c\.txt: column class: unknown label "Fire"/),
      'news/Water/empty.txt: column text: has no text',
      'news/Water/photo.jpg: is no .txt file',
      'news/readme.txt: lies in no class folder',
    ]);
  });
});

describe('rows that cannot be imported', () => {
  const row = (no: string, more: object = {}) => ({
    no,
    head: '',
    body: `نص ${no}`,
    class: 'sky',
    tone: '',
    ...more,
  });

  it.each([
    ['an empty text', { body: '' }, 'column body: has no text'],
    ['a text of marks only', { body: '؟!' }, 'text: holds nothing to read'],
    ['a NUL byte', { body: 'نص\0' }, 'column body: holds a NUL byte'],
    ['a damaged character', { body: 'نص \ufffd' }, 'column body: holds U+FFFD'],
    ['no id', { no: '' }, 'column no: has no id'],
    ['an unknown label', { class: 'Fire' }, 'column class: unknown label "Fire"; name it in labels.topics'],
    ['an id that was met', { no: '1' }, 'id "1" stands in a.csv:2 already'],
  ])('%s', async (_, more, reason) => {
    const path = await file('a.csv', csv([row('1'), row('2', more), row('3')]));

    const { articles, problems, summary } = await run([path]);

    expect(articles.map(({ id }) => id)).toEqual(['1', '3']);
    expect(problems).toEqual([expect.stringMatching(/^a\.csv:3: /)]);
    expect(problems[0]).toContain(reason);
    expect(summary).toMatchObject({ read: 3, imported: 2, rejected: 1 });
  });

  it('two labels for a head that takes one', async () => {
    const lines = [row('1'), row('2', { tone: ['calm', 'storm'] }), row('3', { body: 7 })];
    const path = await file('a.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'));

    const { problems } = await run([path]);

    expect(problems).toEqual([
      'a.jsonl:2: column tone: head mood takes one label, not 2',
      'a.jsonl:3: column body: is no text',
    ]);
  });

  it('one id in two files', async () => {
    const inputs = [await file('a.csv', csv([row('1')])), await file('b.csv', csv([row('1'), row('2')]))];

    expect((await run(inputs)).problems).toEqual(['b.csv:2: id "1" stands in a.csv:2 already']);
  });

  it('the same text twice, where ids are made of the text', async () => {
    const path = await file('a.csv', csv([row('1', { body: 'نص' }), row('2', { body: 'نص' })]));

    const { articles, problems } = await run([path], { mapping: mapping({ columns: { text: 'body' } }) });

    expect(articles).toEqual([{ id: expect.stringMatching(/^[0-9a-f]{16}$/), text: 'نص' }]);
    expect(problems).toEqual(['a.csv:3: the same text stands in a.csv:2 already']);
  });

  it('stops at the first with strict, and leaves what stood there', async () => {
    const path = await file('a.csv', 'no,head,body,class,tone\n1,,"نص,sky,\n2,,نص,sky,\n');
    await file('out.jsonl', 'before');

    await expect(run([path], { strict: true })).rejects.toMatchObject({
      code: 'csv-invalid',
      message: expect.stringMatching(/a\.csv:2: .*quote/),
    });
    expect(await readFile(join(folder, 'out.jsonl'), 'utf8')).toBe('before');
  });

  it('says so where nothing is left, and writes nothing', async () => {
    const path = await file('a.csv', csv([row('1', { body: '' })]));

    await expect(run([path])).rejects.toMatchObject({ code: 'data-empty' });
    await expect(stat(join(folder, 'out.jsonl'))).rejects.toThrow();
  });
});

describe('columns that are absent', () => {
  it('the text: the file is not read; another file is', async () => {
    const inputs = [await file('a.csv', 'no,text\n1,نص\n'), await file('b.csv', csv(TABLE))];

    const { articles, problems } = await run(inputs);

    expect(articles).toHaveLength(3);
    expect(problems).toEqual([
      'a.csv: the mapping names column body, head, class, tone, which the file does not have; it has no, text',
    ]);
  });

  it('another: said once, the rows are imported', async () => {
    const { articles, problems } = await run([
      await file('a.csv', 'no,body,class,tone\n1,نص,sky,\n2,نص ب,sky,\n'),
    ]);

    expect(articles).toHaveLength(2);
    expect(problems).toEqual([
      expect.stringMatching(/^a\.csv: the mapping names column head, .* it has no, body/),
    ]);
  });

  it('in JSONL: said once all rows are read, for a column that never occurred', async () => {
    const lines = [1, 2].map((no) => JSON.stringify({ no, meta: { body: `نص ${no}` } })).join('\n');
    const nested = mapping({ columns: { id: 'no', text: 'meta.body', source: 'outlet' } });

    const { articles, problems } = await run([await file('a.jsonl', lines)], { mapping: nested });

    expect(articles).toEqual([
      { id: '1', text: 'نص 1' },
      { id: '2', text: 'نص 2' },
    ]);
    expect(problems).toEqual(['a.jsonl: the mapping names column outlet, which the file does not have']);
  });
});

describe('inputs', () => {
  it('that do not exist or whose format is unknown', async () => {
    await expect(run([join(folder, 'none.csv')])).rejects.toMatchObject({ code: 'file-unreadable' });
    await expect(run([await file('a.xyz', 'x')])).rejects.toMatchObject({ code: 'usage' });
  });

  it('of a format that is named', async () => {
    const lines = [
      { text: 'خبر', label: 'sky', answer: 'accept' },
      { text: 'خبر', label: 'sea', answer: 'accept' },
    ];
    const path = await file('a.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'));
    const prodigy = mapping({ columns: { text: 'text' }, labels: { topics: { column: 'labels' } } });

    const { articles, summary } = await run([path], { mapping: prodigy, format: 'prodigy' });

    expect(articles).toMatchObject([{ text: 'خبر', labels: { topics: ['sky', 'sea'] } }]);
    expect(summary).toMatchObject({ read: 2, imported: 1, merged: 1 });
  });

  it('with constants and names of splits', async () => {
    const path = await file('a.jsonl', '{"text":"خبر","fold":"dev"}\n{"text":"خبر ثان","fold":"x"}');
    const splits = mapping({
      columns: { text: 'text', split: 'fold' },
      constants: { source: 'وكالة', language: 'ar' },
      splits: { dev: 'validation' },
    });

    const { articles, problems } = await run([path], { mapping: splits });

    expect(articles).toMatchObject([{ split: 'validation', source: 'وكالة', language: 'ar' }]);
    expect(problems).toEqual([expect.stringMatching(/^a\.jsonl:2: split: /)]);
  });
});
