import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { detectEncoding } from '../../../src/dataset/formats/encoding.ts';
import { readJsonLines } from '../../../src/dataset/formats/json-lines.ts';
import { file, problemsOf, readAll, rowsOf } from './read.ts';

const text = 'أعلنت الشرطة ضبط شحنة كبيرة من المخدرات عند المنفذ، بحسب بيان صدر الليلة.';
const lines = [1, 2, 3].map((id) => JSON.stringify({ id, text })).join('\n');

describe('detectEncoding', () => {
  it.each([
    ['utf-8', iconv.encode(lines, 'utf8')],
    ['utf-8', iconv.encode(lines, 'utf8', { addBOM: true })],
    ['utf-16le', iconv.encode(lines, 'utf16le', { addBOM: true })],
    ['utf-16le', iconv.encode(lines, 'utf16le')],
    ['utf-16be', iconv.encode(lines, 'utf16be', { addBOM: true })],
    ['utf-16be', iconv.encode(lines, 'utf16be')],
    ['utf-16le', iconv.encode('an English text', 'utf16le')],
    ['windows-1256', iconv.encode(lines, 'win1256')],
    ['utf-8', iconv.encode('an English text', 'ascii')],
    ['utf-8', Buffer.alloc(0)],
    [undefined, iconv.encode('Les élèves français étaient très étonnés', 'latin1')],
  ])('recognises %s', (expected, bytes) => {
    expect(detectEncoding(bytes, true)).toBe(expected);
  });

  it('does not mind where the sample of a UTF-8 text is cut', () => {
    const bytes = iconv.encode(text, 'utf8');
    for (let length = 2; length < bytes.length; length++)
      expect(detectEncoding(bytes.subarray(0, length), false)).toBe('utf-8');
  });
});

describe('reading lines', () => {
  it.each(['utf8', 'utf16le', 'utf16be', 'win1256'])('decodes %s', async (encoding) => {
    const path = await file('a.jsonl', iconv.encode(lines.replaceAll('\n', '\r\n'), encoding));

    const items = await readAll(readJsonLines, path);

    expect(rowsOf(items)).toEqual([1, 2, 3].map((id) => [id, { id, text }]));
    expect(items.some(({ kind }) => kind === 'note')).toBe(encoding !== 'utf8');
  });

  it.each([
    ['utf8', 'win1256', 'not valid UTF-8'],
    ['win1256', 'utf8', 'UTF-8 in a file of Windows-1256'],
  ])('rejects the lines of a %s file that are in %s', async (own, foreign, reason) => {
    const line = (id: number, encoding: string) =>
      iconv.encode(`${JSON.stringify({ id, text })}\n`, encoding);
    const path = await file('a.jsonl', Buffer.concat([line(1, own), line(2, foreign), line(3, own)]));

    const items = await readAll(readJsonLines, path);

    expect(rowsOf(items).map(([row]) => row)).toEqual([1, 3]);
    expect(problemsOf(items)).toEqual([[2, expect.stringContaining(reason)]]);
  });

  it('rejects a lone surrogate of UTF-16', async () => {
    const path = await file('a.jsonl', Buffer.from(`\ufeff${lines.replace('الليلة', '\ud800')}`, 'utf16le'));

    const items = await readAll(readJsonLines, path);

    expect(rowsOf(items).map(([row]) => row)).toEqual([2, 3]);
    expect(problemsOf(items)).toEqual([[1, 'is not valid utf-16le']]);
  });

  it('takes an encoding that is named', async () => {
    const path = await file('a.jsonl', iconv.encode('{"text":"خبر"}', 'win1256'));

    expect(rowsOf(await readAll(readJsonLines, path, { encoding: 'windows-1256' }))).toEqual([
      [1, { text: 'خبر' }],
    ]);
  });

  it('says that a file in another encoding was not read', async () => {
    const path = await file('a.jsonl', iconv.encode('{"text":"été très élevé"}', 'latin1'));

    expect(problemsOf(await readAll(readJsonLines, path))).toEqual([
      [undefined, expect.stringMatching(/neither UTF-8, UTF-16 nor Windows-1256/)],
    ]);
  });
});
