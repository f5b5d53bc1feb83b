import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readCsv } from '../../../src/dataset/formats/csv.ts';
import { detectFormat } from '../../../src/dataset/formats/formats.ts';
import { readJsonLines } from '../../../src/dataset/formats/json-lines.ts';
import { readLabelStudio } from '../../../src/dataset/formats/label-studio.ts';
import { at, file, problemsOf, readAll, rowsOf } from './read.ts';

const records = Array.from({ length: 5_000 }, (_, id) => ({ id, text: `خبر ${id}` }));
const lines = records.map((record) => `${JSON.stringify(record)}\n`).join('');

describe('gzip', () => {
  it.each(['a.jsonl.gz', 'named-otherwise.jsonl'])('is unzipped, whatever the name: %s', async (name) => {
    const items = await readAll(readJsonLines, await file(name, gzipSync(lines)));
    expect(rowsOf(items).map(([, fields]) => fields)).toEqual(records);
  });

  it('may be several members, as `cat a.gz b.gz` makes it', async () => {
    const half = lines.length / 2;
    const members = [gzipSync(lines.slice(0, half)), gzipSync(lines.slice(half))];
    const items = await readAll(readJsonLines, await file('b.jsonl.gz', Buffer.concat(members)));
    expect(rowsOf(items)).toHaveLength(records.length);
  });

  it('tells bytes as they lie on disk', async () => {
    const bytes = gzipSync(lines);
    let read = 0;
    await readAll(readJsonLines, await file('c.jsonl.gz', bytes), { onBytes: (n) => (read += n) });
    expect(read).toBe(bytes.length);
  });

  it.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 100), 'cut short'],
    ['cut in its trailer', (bytes: Buffer) => bytes.subarray(0, -3), 'cut short'],
    ['empty', () => Buffer.alloc(0), 'cut short'],
    ['damaged', (bytes: Buffer) => Buffer.from(bytes).fill(0xff, 2_000, 2_040), 'damaged'],
    ['no gzip', () => Buffer.from(lines), 'damaged'],
  ])('that is %s is a problem of the whole file', async (_, change, expected) => {
    const path = await file('d.jsonl.gz', change(gzipSync(lines)));

    const items = await readAll(readJsonLines, path);

    expect(problemsOf(items)).toEqual([[undefined, expect.stringContaining(expected)]]);
    expect(items.at(-1)).toMatchObject({ code: 'gzip-invalid' });
    for (const [i, [, fields]] of rowsOf(items).entries()) expect(fields).toEqual(records[i]);
  });

  it('works for the other text formats', async () => {
    const csv = await file('e.csv.gz', gzipSync('id,text\n1,خبر\n'));
    const json = await file('f.json.gz', gzipSync('[{"id":1,"data":{"text":"خبر"}}]'));

    expect(rowsOf(await readAll(readCsv, csv))).toEqual([[2, { id: '1', text: 'خبر' }]]);
    expect(rowsOf(await readAll(readLabelStudio, json))[0]![1]).toMatchObject({ text: 'خبر' });
    expect(await detectFormat(csv)).toBe('csv');
    await expect(detectFormat(await file('g.parquet.gz', ''))).rejects.toMatchObject({ code: 'usage' });
    await expect(detectFormat(at('missing.jsonl.gz'))).rejects.toMatchObject({ code: 'file-unreadable' });
  });
});
