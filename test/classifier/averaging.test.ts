import { beforeAll, describe, expect, it } from 'vitest';
import { averageWeights } from '../../src/classifier/averaging.ts';
import { useBackend } from '../../src/classifier/backend.ts';
import { buildNetwork } from '../../src/classifier/network.ts';
import { emptyWide } from '../../src/classifier/wide.ts';
import { tf } from '../../src/tensorflow.ts';
import { TOY_DIM, toyTaxonomy } from './toy.ts';

beforeAll(async () => {
  await useBackend('wasm');
});

const network = () => buildNetwork({ dim: TOY_DIM, depth: 1, hidden: 4 }, toyTaxonomy, 1);

const model = () => ({ network: network(), wide: emptyWide(3, 5) });

/** The one value of all averaged weights, where all weights of the model are one number after each step. */
function averageOf(values: readonly number[], decay: number): number {
  const followed = model();
  const average = averageWeights(followed, network(), decay);
  for (const value of values) {
    tf.tidy(() =>
      followed.network.setWeights(followed.network.getWeights().map((w) => tf.fill(w.shape, value))),
    );
    followed.wide.weights.fill(value);
    average.afterStep();
  }
  const found = new Set([
    ...average.network.getWeights().flatMap((w) => [...w.dataSync()]),
    ...average.wide.weights,
  ]);
  followed.network.dispose();
  average.network.dispose();
  expect(found.size).toBe(1);
  return [...found][0]!;
}

describe('averageWeights', () => {
  it('begins with the weights after the first step, not with those before it', () => {
    expect(averageOf([3], 0.95)).toBe(3);
  });

  it('samples every fifth step, and forgets the beginning sooner than the decay alone would', () => {
    // Samples of steps 1 and 6; of the first one part in eleven is kept.
    expect(averageOf([1, 2, 3, 4, 5, 6], 0.95)).toBeCloseTo(1 / 11 + (6 * 10) / 11, 5);
  });

  it('is the last sample where nothing is kept', () => {
    expect(averageOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 0)).toBe(11);
  });

  it('leaves no tensor behind', () => {
    const followed = model();
    const average = averageWeights(followed, network(), 0.95);
    average.afterStep();
    const before = tf.memory().numTensors;
    for (let step = 0; step < 20; step++) average.afterStep();

    expect(tf.memory().numTensors).toBe(before);
    followed.network.dispose();
    average.network.dispose();
  });
});
