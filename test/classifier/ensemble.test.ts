import { beforeAll, describe, expect, it } from 'vitest';
import { useBackend } from '../../src/classifier/backend.ts';
import { meanOf, mergeModels } from '../../src/classifier/ensemble.ts';
import type { Features } from '../../src/classifier/features.ts';
import { type Model, modelLogits } from '../../src/classifier/model.ts';
import { buildNetwork, outputWidth } from '../../src/classifier/network.ts';
import { seededRandom } from '../../src/random.ts';
import { tf } from '../../src/tensorflow.ts';
import { TOY_DIM, toyTaxonomy } from './toy.ts';

const COLUMNS = 6;
const width = outputWidth(toyTaxonomy);

/** A model with weights of its own everywhere, biases included. */
function randomModel(depth: number, seed: number): Model {
  const random = seededRandom(seed);
  const draw = (n: number) => Float32Array.from({ length: n }, () => random.next() - 0.5);
  const network = buildNetwork({ dim: TOY_DIM, depth, hidden: 5 }, toyTaxonomy, seed);
  tf.tidy(() =>
    network.setWeights(network.getWeights().map(({ shape, size }) => tf.tensor(draw(size), shape))),
  );
  return { network, wide: { columns: COLUMNS, width, weights: draw(COLUMNS * width) } };
}

const features: Features = {
  vectors: Float32Array.from({ length: 3 * TOY_DIM }, (_, i) => Math.sin(i)),
  ngrams: {
    columns: COLUMNS,
    offsets: Uint32Array.of(0, 2, 2, 3),
    indices: Uint32Array.of(1, 4, 5),
    values: Float32Array.of(0.5, 0.5, 1),
  },
};

beforeAll(async () => {
  await useBackend('wasm');
});

describe('mergeModels', () => {
  it.each([0, 1, 2])('gives the mean of the models’ logits, with %i hidden layers', (depth) => {
    const models = [1, 2, 3].map((seed) => randomModel(depth, seed));
    const each = models.map((model) => modelLogits(model, features, TOY_DIM));
    const before = tf.memory().numTensors;

    const merged = mergeModels(models, toyTaxonomy, TOY_DIM);

    const logits = modelLogits(merged, features, TOY_DIM);
    const mean = meanOf(each);
    expect(logits).toHaveLength(3 * width);
    for (const [i, z] of logits.entries()) expect(z).toBeCloseTo(mean[i]!, 5);
    // The models tell different things: a mean that took one of them alone would not pass.
    expect(Math.abs(each[0]![0]! - mean[0]!)).toBeGreaterThan(0.01);
    merged.network.dispose();
    expect(tf.memory().numTensors).toBe(before);
    for (const { network } of models) network.dispose();
  });

  it('leaves one model as it is', () => {
    const model = randomModel(1, 1);

    const merged = mergeModels([model], toyTaxonomy, TOY_DIM);

    expect(modelLogits(merged, features, TOY_DIM)).toEqual(modelLogits(model, features, TOY_DIM));
    merged.network.dispose();
    model.network.dispose();
  });
});
