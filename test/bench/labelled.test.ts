import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLabelled } from '../../bench/lib/labelled.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rasid-labelled-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function write(rows: object[]): Promise<string> {
  const path = join(folder, 'set.jsonl');
  await writeFile(path, rows.map((row) => JSON.stringify(row)).join('\n'));
  return path;
}

const row = (i: number, split: string) => ({
  id: `row-${i}`,
  text: `row-${i}`,
  split,
  labels: { mood: i % 2 ? 'calm' : 'storm' },
});

describe('readLabelled', () => {
  it('holds a fifth out by hash of the id where the file has no dev split, and says so', async () => {
    const path = await write(Array.from({ length: 500 }, (_, i) => row(i, 'train')));

    const { train, dev, heldOutByHash } = await readLabelled(path);

    const inFifth = (id: string) => createHash('sha256').update(id).digest()[0]! % 5 === 0;
    expect(heldOutByHash).toBe(true);
    expect(dev.texts.length / 500).toBeCloseTo(0.2, 1);
    expect(dev.texts.every(inFifth)).toBe(true);
    expect(train.texts.some(inFifth)).toBe(false);
    expect(train.texts.length + dev.texts.length).toBe(500);
  });

  it('takes no more rows of each part than asked for', async () => {
    const path = await write(Array.from({ length: 40 }, (_, i) => row(i, i < 30 ? 'train' : 'dev')));

    const { train, dev } = await readLabelled(path, { most: 12 });

    expect([train.texts.length, train.labels.length, dev.texts.length]).toEqual([12, 12, 10]);
  });

  it('keeps the dev split of a file that has one', async () => {
    const path = await write([row(1, 'train'), row(2, 'dev'), row(3, 'train')]);

    const { dev, heldOutByHash } = await readLabelled(path);

    expect(heldOutByHash).toBe(false);
    expect(dev.texts).toEqual(['row-2']);
  });

  it.each(['set.jsonl', 'set.jsonl.gz', 'set.jsonl.xz'])('says so where there is no %s', async (name) => {
    await expect(readLabelled(join(folder, 'nowhere', name))).rejects.toMatchObject({
      code: 'file-unreadable',
    });
  });

  it('refuses a set without a row of the field asked for', async () => {
    const path = await write([row(1, 'train')]);

    await expect(readLabelled(path, { field: 'colour' })).rejects.toMatchObject({ code: 'data-empty' });
  });
});
