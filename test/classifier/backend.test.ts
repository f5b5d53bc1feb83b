import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import { type BackendName, useBackend } from '../../src/classifier/backend.ts';
import { fitModel } from '../../src/classifier/fit.ts';
import { encodeTargets } from '../../src/classifier/targets.ts';
import { noNgrams } from '../../src/classifier/tfidf.ts';
import { DEFAULT_TRAINING } from '../../src/classifier/training-options.ts';
import { TOY_DIM, toyTaxonomy, toyWorld } from './toy.ts';

const present: BackendName[] = [];
for (const name of ['node', 'wasm', 'cpu'] as const) {
  if (await useBackend(name).then(Boolean, () => false)) present.push(name);
}
afterAll(() => useBackend('wasm'));

async function train(backend: BackendName): Promise<number[]> {
  await useBackend(backend);
  const { articles, vectors } = toyWorld(90, 1);
  const data = { vectors, ngrams: noNgrams(90), targets: encodeTargets(articles, toyTaxonomy) };
  const options = { ...DEFAULT_TRAINING, seed: 1, maxEpochs: 3 };
  const { network, history } = await fitModel(data, undefined, toyTaxonomy, TOY_DIM, options);
  const weights = network.getWeights().flatMap((w) => [...w.dataSync()]);
  network.dispose();
  return [...weights, ...history.map(({ trainingLoss }) => trainingLoss)];
}

describe('useBackend', () => {
  it('says which backend runs', async () => {
    expect(await useBackend('cpu')).toBe('cpu');
    expect(tf.getBackend()).toBe('cpu');
  });

  it('takes the first that is present when left to choose', async () => {
    expect(await useBackend('auto')).toBe(present[0]);
  });

  it.skipIf(present.includes('node'))('refuses the native backend where it is not installed', async () => {
    await expect(useBackend('node')).rejects.toMatchObject({ code: 'config-invalid' });
  });

  it('trains to the same weights on every backend, to 1e-4', async () => {
    const results = [];
    for (const backend of present) results.push(await train(backend));
    expect(results.length).toBeGreaterThan(1);

    for (const other of results.slice(1))
      for (const [i, value] of other.entries()) expect(Math.abs(value - results[0]![i]!)).toBeLessThan(1e-4);
  });
});
