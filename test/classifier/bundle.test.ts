import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadBundle, saveBundle } from '../../src/classifier/bundle.ts';
import { openClassifier } from '../../src/classifier/classifier.ts';
import type { Trained } from '../../src/classifier/train.ts';
import { fakeIdentity } from '../encoder/fake.ts';
import { TOY_DIM } from './toy.ts';
import { toyEncoder as encoder, toyBundle, trainToy, toyBundleWorld as world } from './toy-bundle.ts';

let trained: Trained;
let folder: string;

beforeAll(async () => {
  trained = await trainToy();
});
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'rasid-bundle-')), 'model');
});

const content = () => toyBundle(trained);

describe('saveBundle and loadBundle', () => {
  it('give back a classifier that predicts the same', async () => {
    const id = await saveBundle(folder, content());
    const bundle = await loadBundle(folder);
    const texts = world.articles.map(({ text }) => text);
    const probabilities = (from: typeof bundle) => {
      const classifier = openClassifier(from, encoder);
      return classifier.probabilities(classifier.features(texts, world.vectors));
    };

    const again = probabilities(bundle);
    const direct = probabilities({ ...bundle, ...trained });

    expect(bundle.id).toBe(id);
    for (const [head, expected] of direct.entries())
      for (const [i, p] of expected.entries()) expect(again[head]![i]).toBeCloseTo(p, 5);
  });

  it('write the same bytes for the same classifier', async () => {
    const first = await saveBundle(folder, content());

    expect(await saveBundle(`${folder}-2`, content())).toBe(first);
  });

  it.each(['network.json', 'network.bin', 'centroids.bin', 'ngrams.bin'])(
    'refuse a changed %s',
    async (name) => {
      await saveBundle(folder, content());
      const bytes = await readFile(join(folder, name));
      bytes[bytes.length - 2]! ^= 1;
      await writeFile(join(folder, name), bytes);

      await expect(loadBundle(folder)).rejects.toMatchObject({
        code: 'bundle-corrupt',
        message: expect.stringContaining(name),
      });
    },
  );

  it('refuse a truncated manifest, a missing part and an empty folder, each by its name', async () => {
    await saveBundle(folder, content());
    const manifest = await readFile(join(folder, 'bundle.json'), 'utf8');
    await writeFile(join(folder, 'bundle.json'), manifest.slice(0, 200));
    await expect(loadBundle(folder)).rejects.toMatchObject({ code: 'bundle-corrupt' });

    await writeFile(join(folder, 'bundle.json'), manifest);
    await rm(join(folder, 'network.bin'));
    await expect(loadBundle(folder)).rejects.toMatchObject({
      code: 'bundle-corrupt',
      message: expect.stringContaining('network.bin'),
    });

    await rm(join(folder, 'bundle.json'));
    await expect(loadBundle(folder)).rejects.toMatchObject({ code: 'bundle-missing' });
  });

  it('leave no temporary folder behind', async () => {
    await saveBundle(folder, content());
    await saveBundle(folder, content());

    expect(await readdir(join(folder, '..'))).toEqual(['model']);
  });
});

describe('openClassifier', () => {
  it('refuses vectors of another encoder and says what differs', async () => {
    await saveBundle(folder, content());
    const other = fakeIdentity({ dim: TOY_DIM, weights: 'b'.repeat(64) });

    const bundle = await loadBundle(folder);
    expect(() => openClassifier(bundle, other)).toThrow(/weights differ/);
  });
});
