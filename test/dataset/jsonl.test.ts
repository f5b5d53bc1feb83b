import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashArticles, readArticles, readLines, writeRecords } from '../../src/dataset/jsonl.ts';
import { loadTaxonomy } from '../../src/dataset/taxonomy.ts';

/** sha256 of the reference article as it was handed over, taken from the original file. */
const REFERENCE_SHA256 = 'aeaccbeb80a1c700ebb8037d6aef0cf7091cc69751252a2212b3548c85c912d7';

const taxonomy = await loadTaxonomy('data/taxonomy.json');
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rasid-jsonl-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const line = (id: string, more: object = {}) => JSON.stringify({ id, text: `خبر ${id}`, ...more });
async function read(content: string | Uint8Array) {
  const path = join(folder, 'a.jsonl');
  await writeFile(path, content);
  return readArticles(path, taxonomy);
}

describe('readLines', () => {
  it('finds the same lines however the bytes are cut into chunks', async () => {
    const text = fc.array(fc.string({ unit: fc.constantFrom(...'اب🙂a ') }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.constantFrom('\n', '\r\n'),
        fc.integer({ min: 1, max: 7 }),
        async (expected, end, size) => {
          const bytes = Buffer.from(expected.map((l) => `${l}${end}`).join(''));
          const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
            bytes.subarray(i * size, (i + 1) * size),
          );
          const found: string[] = [];
          for await (const { text } of readLines(Readable.from(chunks), 'x')) found.push(text);
          expect(found).toEqual(expected);
        },
      ),
    );
  });
});

describe('readArticles', () => {
  it('reads records in order, with a byte order mark, CRLF, blank lines and no final line end', async () => {
    const articles = await read(`\ufeff${line('a')}\r\n\r\n${line('b')}`);
    expect(articles.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('reads a text of 5 MB', async () => {
    const text = 'خبر عاجل '.repeat(320_000);
    expect(Buffer.byteLength(text)).toBeGreaterThan(5_000_000);
    const articles = await read(`${JSON.stringify({ id: 'long', text })}\n`);
    expect(articles[0]?.text).toBe(text);
  });

  it.each([
    ['an empty file', '', 'data-empty', 'a.jsonl'],
    ['blank lines only', '\n\n', 'data-empty', 'a.jsonl'],
    ['broken JSON', `${line('a')}\n{"id":`, 'data-invalid', 'a.jsonl:2'],
    ['a record without text', `${line('a')}\n{"id":"b"}`, 'data-invalid', 'a.jsonl:2: text'],
    [
      'an unknown label',
      line('a', { labels: { topics: ['x'] } }),
      'label-unknown',
      'a.jsonl:1: labels.topics.0',
    ],
    ['an unknown head', line('a', { labels: { mood: 'x' } }), 'label-unknown', 'a.jsonl:1: labels'],
    [
      'a list of no labels',
      line('a', { labels: { topics: [] } }),
      'data-invalid',
      'a.jsonl:1: labels.topics',
    ],
    ['an unknown field', line('a', { colour: 'red' }), 'data-invalid', 'colour'],
    [
      'one id twice',
      `${line('a')}\n${line('b')}\n${line('a')}`,
      'id-duplicate',
      'a.jsonl:3: id: "a" stands in line 1',
    ],
  ])('refuses %s, naming file, line and field', async (_, content, code, named) => {
    await expect(read(content)).rejects.toMatchObject({ code, message: expect.stringContaining(named) });
  });

  it('refuses invalid UTF-8 by its line', async () => {
    const bytes = Buffer.concat([
      Buffer.from(`${line('a')}\n{"id":"b","text":"`),
      Buffer.from([0xe3, 0x28]),
      Buffer.from('"}\n'),
    ]);
    await expect(read(bytes)).rejects.toMatchObject({
      code: 'utf8-invalid',
      message: expect.stringContaining('a.jsonl:2'),
    });
  });

  it('says that a file does not exist', async () => {
    await expect(readArticles(join(folder, 'none'), taxonomy)).rejects.toMatchObject({
      code: 'file-unreadable',
    });
  });
});

describe('writeRecords', () => {
  it('writes what is read back', async () => {
    const path = join(folder, 'out.jsonl');
    const records = [
      { id: 'a', text: 'سطر\nوسطر' },
      { id: 'b', text: 'x', labels: { sentiment: 'neutral' } },
    ];
    await writeRecords(path, records);
    expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(3);
    expect(await readArticles(path, taxonomy)).toEqual(records);
  });
});

describe('hashArticles', () => {
  it('depends on what training reads and on the order, not on other fields', () => {
    const a = { id: 'a', text: 'x' };
    const b = { id: 'b', text: 'y' };
    const hash = hashArticles([a, b]);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(hashArticles([a, { ...b, region: 'IQ' }])).toBe(hash);
    expect(hashArticles([b, a])).not.toBe(hash);
    expect(hashArticles([a, { ...b, labels: { sentiment: 'neutral' } }])).not.toBe(hash);
  });
});

describe('data/articles.jsonl', () => {
  it('holds the reference article verbatim, with its labels', async () => {
    const articles = await readArticles('data/articles.jsonl', taxonomy);
    const reference = articles.find(({ id }) => id === 'kirkuk-plot-foiled');
    expect(
      createHash('sha256')
        .update(reference?.text ?? '')
        .digest('hex'),
    ).toBe(REFERENCE_SHA256);
    expect(reference).toMatchObject({
      labels: { topics: ['security', 'counter-terrorism'], sentiment: 'positive' },
    });
    expect(reference).not.toHaveProperty('title');
  });
});
