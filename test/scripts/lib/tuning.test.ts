import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseDuration, tune } from '../../../scripts/lib/tuning.ts';
import { useBackend } from '../../../src/classifier/backend.ts';
import { TOY_DIM, toyTaxonomy, toyWorld } from '../../classifier/toy.ts';
import { fakeIdentity } from '../../encoder/fake.ts';

const input = {
  ...toyWorld(120, 1),
  encoder: fakeIdentity({ dim: TOY_DIM }),
  taxonomy: toyTaxonomy,
  seed: 3,
  ngrams: true,
  options: { maxEpochs: 2 },
};
const newFolder = () => mkdtemp(join(tmpdir(), 'rasid-tuning-'));
const trialsIn = async (folder: string) =>
  JSON.parse(await readFile(join(folder, 'tuning.json'), 'utf8')).trials;

beforeAll(async () => {
  await useBackend('wasm');
});

describe('parseDuration', () => {
  it.each([
    ['90s', 90_000],
    ['5m', 300_000],
    ['1.5h', 5_400_000],
  ])('reads %s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['', '5', 'm', '-1m', '5 min'])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

describe('tune', () => {
  it('keeps its trials, goes on with them, and returns the best', async () => {
    const folder = await newFolder();
    const said: string[] = [];
    const search = (ms: number) => tune(input, ms, folder, { data: 'a' }, (line) => said.push(line));

    await search(0);
    expect(await trialsIn(folder)).toHaveLength(1);
    await search(300);

    expect((await trialsIn(folder)).length).toBeGreaterThan(1);
    expect(said).toContain(`going on with 1 trials of ${join(folder, 'tuning.json')}`);
  });

  it('says, when it is interrupted, where its trials are kept', async () => {
    const folder = await newFolder();
    await tune(input, 0, folder, {}, () => {});
    const said: string[] = [];

    const interrupted = { ...input, signal: AbortSignal.abort() };
    const search = tune(interrupted, 60_000, folder, {}, (line) => said.push(line));

    await expect(search).rejects.toMatchObject({ name: 'AbortError' });
    expect(said.at(-1)).toContain(`1 trials are kept in ${join(folder, 'tuning.json')}`);
    expect(await trialsIn(folder)).toHaveLength(1);
  });

  it('refuses to go on with other data, naming what differs', async () => {
    const folder = await newFolder();
    await tune(input, 0, folder, { data: 'a', seed: '3' }, () => {});

    const other = tune(input, 0, folder, { data: 'b', seed: '3' }, () => {});

    await expect(other).rejects.toMatchObject({
      code: 'resume-mismatch',
      message: expect.stringMatching(/begun with other data$/),
    });
  });

  it.each(['', '{"trials": 1}'])('refuses a damaged file (%j)', async (content) => {
    const folder = await newFolder();
    await writeFile(join(folder, 'tuning.json'), content);

    await expect(tune(input, 0, folder, {}, () => {})).rejects.toMatchObject({ code: 'resume-mismatch' });
  });
});
