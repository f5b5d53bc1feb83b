import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useBackend } from '../../src/classifier/backend.ts';
import { createForward } from '../../src/classifier/forward.ts';
import { buildNetwork, predictLogits } from '../../src/classifier/network.ts';
import { seededRandom } from '../../src/random.ts';
import { TOY_DIM, toyTaxonomy } from './toy.ts';

beforeAll(async () => {
  await useBackend('wasm');
});

const ROWS = 5;
const random = seededRandom(7);
const vectors = Float32Array.from({ length: ROWS * TOY_DIM }, () => random.next() - 0.5);

describe('the forward pass in plain arithmetic', () => {
  it.each([0, 1, 2, 3])('gives what TensorFlow.js gives, with %i hidden layers', (depth) => {
    const network = buildNetwork({ dim: TOY_DIM, depth, hidden: 6 }, toyTaxonomy, 3);
    const weights = network.getWeights();
    // Biases begin at zero; here they count.
    network.setWeights(weights.map((w, i) => (i % 2 === 1 ? tf.add(w, 0.1 * (i + 1)) : w)));
    const expected = predictLogits(network, vectors, TOY_DIM);
    const logits = createForward(network, TOY_DIM)(vectors);
    expect(logits).toHaveLength(expected.length);
    for (const [i, z] of expected.entries()) expect(logits[i]).toBeCloseTo(z, 5);
    expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(0.1);
    network.dispose();
  });

  it('keeps the weights it was made with', () => {
    const network = buildNetwork({ dim: TOY_DIM, depth: 1, hidden: 6 }, toyTaxonomy, 3);
    const forward = createForward(network, TOY_DIM);
    const before = forward(vectors);
    network.setWeights(network.getWeights().map((w) => tf.mul(w, 2)));
    expect(forward(vectors)).toEqual(before);
    network.dispose();
  });
});
