import { describe, expect, it } from 'vitest';
import { readProdigy } from '../../../src/dataset/formats/prodigy.ts';
import { file, readAll } from './read.ts';

const read = async (records: unknown[]) =>
  readAll(readProdigy, await file('a.jsonl', records.map((record) => JSON.stringify(record)).join('\n')));

describe('readProdigy', () => {
  it('reads the choice interface', async () => {
    const items = await read([
      { text: 'خبر', meta: { source: 'وكالة' }, accept: ['A', 'B'], answer: 'accept', _input_hash: 1 },
      { text: 'خبر آخر', accept: [], answer: 'ignore', _input_hash: 2 },
      { text: 'ثالث', accept: ['A'], answer: 'reject', _input_hash: 3 },
    ]);

    expect(items).toMatchObject([
      { kind: 'row', row: 1, fields: { text: 'خبر', source: 'وكالة', labels: ['A', 'B'] } },
      { kind: 'problem', row: 2, reason: 'was ignored by the annotator' },
      { kind: 'problem', row: 3, reason: 'was rejected by the annotator' },
    ]);
  });

  it('joins binary answers about one text', async () => {
    const line = (text: string, label: string, answer: string) => ({ text, label, answer });

    const items = await read([
      line('خبر', 'A', 'reject'),
      line('خبر', 'B', 'accept'),
      line('غيره', 'A', 'reject'),
      line('خبر', 'C', 'accept'),
    ]);

    expect(items).toMatchObject([
      { kind: 'merged', row: 1, into: 2 },
      { kind: 'row', row: 2, fields: { text: 'خبر', labels: ['B', 'C'] } },
      { kind: 'problem', row: 3, reason: 'label "A" was rejected' },
      { kind: 'merged', row: 4, into: 2 },
    ]);
  });

  it('rejects an answer that Prodigy does not give, and a broken line', async () => {
    const path = await file('a.jsonl', '{"text":"خبر","answer":"maybe"}\n{"text":\n');

    expect(await readAll(readProdigy, path)).toMatchObject([
      { kind: 'problem', row: 1, reason: expect.stringContaining('"maybe"') },
      { kind: 'problem', row: 2, reason: expect.stringContaining('not valid JSON') },
    ]);
  });
});
