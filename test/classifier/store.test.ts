import { appendFile, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { saveBundle } from '../../src/classifier/bundle.ts';
import {
  bundleFolder,
  findVersion,
  listVersions,
  loadCurrent,
  pruneVersions,
  saveVersion,
  useVersion,
} from '../../src/classifier/store.ts';
import type { Trained } from '../../src/classifier/train.ts';
import { toyBundle, trainToy } from './toy-bundle.ts';

let trained: Trained;
let store: string;

beforeAll(async () => {
  trained = await trainToy();
});
beforeEach(async () => {
  store = join(await mkdtemp(join(tmpdir(), 'rasid-store-')), 'classifier');
});

/** Saves a version that differs from others by its epoch alone. */
const save = (bestEpoch: number) => saveVersion(store, toyBundle(trained, { bestEpoch }));
const marks = async () =>
  (await listVersions(store)).map(({ manifest, isCurrent, isPrevious }) => [
    manifest.training.bestEpoch,
    isCurrent ? 'current' : isPrevious ? 'previous' : '',
  ]);

describe('saveVersion', () => {
  it('numbers versions, makes the new one current and keeps the one before for the way back', async () => {
    const names = [await save(1), await save(2), await save(3)].map(({ name }) => name);

    expect(names.map((name) => name.slice(0, 5))).toEqual(['0001-', '0002-', '0003-']);
    expect(await marks()).toEqual([
      [1, ''],
      [2, 'previous'],
      [3, 'current'],
    ]);
    const { id, manifest } = await loadCurrent(store);
    expect(names[2]).toBe(`0003-${id.slice(0, 12)}`);
    expect(manifest.training.bestEpoch).toBe(3);
  });

  it('does not keep the very same classifier twice', async () => {
    const first = await save(1);
    await save(2);

    expect(await save(1)).toEqual(first);
    expect(await marks()).toEqual([
      [1, 'current'],
      [2, 'previous'],
    ]);
  });

  it('leaves nothing but versions and pointers', async () => {
    const [{ name: one }, { name: two }] = [await save(1), await save(2)];

    expect((await readdir(store)).sort()).toEqual([one, two, 'current', 'previous']);
  });

  it('refuses a folder that is itself a classifier', async () => {
    await saveBundle(store, toyBundle(trained));

    await expect(save(1)).rejects.toMatchObject({ code: 'output-occupied' });
  });
});

describe('useVersion', () => {
  it('goes back and forth', async () => {
    await save(1);
    await save(2);

    await useVersion(store, await findVersion(store, 'previous'));
    expect(await marks()).toEqual([
      [1, 'current'],
      [2, 'previous'],
    ]);
    await useVersion(store, await findVersion(store, 'previous'));
    expect((await loadCurrent(store)).manifest.training.bestEpoch).toBe(2);
  });

  it('refuses a damaged version; the current one stays', async () => {
    const { name } = await save(1);
    await save(2);
    await appendFile(join(store, name, 'network.bin'), 'x');

    await expect(useVersion(store, name)).rejects.toMatchObject({ code: 'bundle-corrupt' });
    expect((await loadCurrent(store)).manifest.training.bestEpoch).toBe(2);
  });
});

describe('findVersion', () => {
  it('takes a name, a number, the start of an id, current and previous', async () => {
    const [one, two] = [await save(1), await save(2)];

    for (const wanted of [one.name, '1', '0001', one.id.slice(0, 7), 'previous'])
      expect(await findVersion(store, wanted)).toBe(one.name);
    expect(await findVersion(store, 'current')).toBe(two.name);
  });

  it('refuses what names none or several', async () => {
    await save(1);
    await save(2);

    for (const wanted of ['7', 'nothing', '']) {
      await expect(findVersion(store, wanted)).rejects.toMatchObject({ code: 'version-unknown' });
    }
  });
});

describe('pruneVersions', () => {
  it('keeps the newest, the current and the previous one', async () => {
    for (let epoch = 1; epoch <= 5; epoch++) await save(epoch);
    await useVersion(store, await findVersion(store, '1'));

    const removed = await pruneVersions(store, 1);

    expect(removed.map((name) => Number(name.split('-')[0]))).toEqual([2, 3, 4]);
    expect(await marks()).toEqual([
      [1, 'current'],
      [5, 'previous'],
    ]);
  });
});

describe('bundleFolder', () => {
  it('is the folder itself where it holds a classifier, else the current version', async () => {
    const { name } = await save(1);

    expect(await bundleFolder(store)).toBe(join(store, name));
    expect(await bundleFolder(join(store, name))).toBe(join(store, name));
  });

  it('says what is wrong with an empty store and with a pointer to nowhere', async () => {
    await expect(bundleFolder(store)).rejects.toMatchObject({ code: 'bundle-missing' });
    await save(1);
    await writeFile(join(store, 'current'), '../elsewhere\n');

    await expect(bundleFolder(store)).rejects.toMatchObject({ code: 'bundle-corrupt' });
    expect(await readFile(join(store, 'current'), 'utf8')).toBe('../elsewhere\n');
  });
});
