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

/** A model whose weights are all `value` once `set` was called with it, and its average. */
function constantModel(decay: number) {
  const model = { network: network(), wide: emptyWide(3, 5) };
  const average = averageWeights(model, network(), decay);
  const set = (value: number) => {
    tf.tidy(() => model.network.setWeights(model.network.getWeights().map((w) => tf.fill(w.shape, value))));
    model.wide.weights.fill(value);
  };
  /** The one value of all averaged weights. */
  const read = () => {
    const values = new Set([
      ...average.network.getWeights().flatMap((w) => [...w.dataSync()]),
      ...average.wide.weights,
    ]);
    expect(values.size).toBe(1);
    return [...values][0]!;
  };
  const dispose = () => {
    model.network.dispose();
    average.network.dispose();
  };
  return { set, read, average, dispose };
}

describe('averageWeights', () => {
  it('begins with the weights after the first step, not with those before it', () => {
    const { set, read, average, dispose } = constantModel(0.95);
    set(3);
    average.afterStep();

    expect(read()).toBe(3);
    dispose();
  });

  it('samples every fifth step, and forgets the beginning sooner than the decay alone would', () => {
    const { set, read, average, dispose } = constantModel(0.95);
    for (let step = 1; step <= 6; step++) {
      set(step);
      average.afterStep();
    }

    // Samples of steps 1 and 6; of the first one part in eleven is kept.
    expect(read()).toBeCloseTo(1 / 11 + (6 * 10) / 11, 5);
    dispose();
  });

  it('is the last sample where nothing is kept', () => {
    const { set, read, average, dispose } = constantModel(0);
    for (let step = 1; step <= 11; step++) {
      set(step);
      average.afterStep();
    }

    expect(read()).toBe(11);
    dispose();
  });

  it('leaves no tensor behind', () => {
    const { set, average, dispose } = constantModel(0.95);
    set(1);
    average.afterStep();
    const before = tf.memory().numTensors;
    for (let step = 0; step < 20; step++) average.afterStep();

    expect(tf.memory().numTensors).toBe(before);
    dispose();
  });
});
