import { mkdtemp, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { withCache } from '../../src/encoder/cache.ts';
import { fakeEncoder, fakeIdentity } from './fake.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rasid-cache-'));
});

const cacheFile = async () => join(folder, 'vectors', (await readdir(join(folder, 'vectors')))[0]!);
const TEXTS = ['نفط', 'كرة', 'مدرسة', 'x'.repeat(150)];

describe('withCache', () => {
  it('computes each text once, also across openings', async () => {
    const first = fakeEncoder();
    const expected = await (await withCache(first, folder)).encode([...TEXTS, TEXTS[0]!]);
    const second = fakeEncoder();
    const cached = await withCache(second, folder);

    const again = await cached.encode([...TEXTS, TEXTS[0]!]);

    expect(first.asked).toEqual(TEXTS);
    expect(second.asked).toEqual([]);
    expect(again).toEqual(expected);
    expect(cached.report).toEqual({ hits: 5, computed: 0, corrupt: 0 });
  });

  it('answers as the encoder itself does', async () => {
    const encoder = fakeEncoder();
    const cached = await withCache(encoder, folder);

    expect(await cached.encode(TEXTS)).toEqual(await encoder.encode(TEXTS));
  });

  it('keeps the vectors of another identity apart', async () => {
    await (await withCache(fakeEncoder(), folder)).encode(TEXTS);
    const other = fakeEncoder(fakeIdentity({ prefix: 'query: ' }));

    await (await withCache(other, folder)).encode(TEXTS);

    expect(other.asked).toEqual(TEXTS);
  });

  it('drops a damaged record, reports it and computes it anew', async () => {
    const expected = await (await withCache(fakeEncoder(), folder)).encode(TEXTS);
    const path = await cacheFile();
    const bytes = await readFile(path);
    const recordBytes = bytes.length / TEXTS.length;
    bytes[recordBytes + 60]! ^= 1;
    await writeFile(path, bytes);
    const encoder = fakeEncoder();
    const cached = await withCache(encoder, folder);

    const again = await cached.encode(TEXTS);

    expect(encoder.asked).toEqual([TEXTS[1]]);
    expect(cached.report).toEqual({ hits: 3, computed: 1, corrupt: 1 });
    expect(again).toEqual(expected);
  });

  it('survives a record that was half written, and what is appended behind it', async () => {
    await (await withCache(fakeEncoder(), folder)).encode(TEXTS);
    const path = await cacheFile();
    const { length } = await readFile(path);
    await truncate(path, length - 7);
    await (await withCache(fakeEncoder(), folder)).encode([...TEXTS, 'جديد']);
    const encoder = fakeEncoder();
    const cached = await withCache(encoder, folder);

    await cached.encode([...TEXTS, 'جديد']);

    expect(encoder.asked).toEqual([]);
    expect(cached.report.corrupt).toBe(0);
  });
});
