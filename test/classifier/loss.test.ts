import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useBackend } from '../../src/classifier/backend.ts';
import { classWeights, maskedLoss } from '../../src/classifier/loss.ts';
import { encodeTargets } from '../../src/classifier/targets.ts';
import { toyTaxonomy } from './toy.ts';

beforeAll(async () => {
  await useBackend('wasm');
});

/** Loss of one record's logits, with weights 1. */
function lossOf(logits: number[][], labels: number[][][], known: number[][]): number {
  return tf.tidy(() => {
    const targets = toyTaxonomy.heads.map((_, h) => ({
      labels: tf.tensor2d(labels.map((record) => record[h]!)),
      known: tf.tensor1d(known.map((record) => record[h]!)),
    }));
    const weights = [tf.ones([3]), tf.ones([2])] as tf.Tensor1D[];
    return maskedLoss(tf.tensor2d(logits), targets, weights, toyTaxonomy).dataSync()[0]!;
  });
}

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

describe('maskedLoss', () => {
  it('is the sum of asymmetric loss (scaled by half its labels) and softmax cross-entropy', () => {
    const logits = [0.5, -1, 2, 0.3, 1.1];
    // The second label does not apply: its term counts by (p − 0.05)⁴.
    const focus = (sigmoid(-1) - 0.05) ** 4;
    const binary = -(Math.log(sigmoid(0.5)) + focus * Math.log(1 - sigmoid(-1)) + Math.log(sigmoid(2))) / 3;
    const softmax = -Math.log(Math.exp(1.1) / (Math.exp(0.3) + Math.exp(1.1)));

    expect(
      lossOf(
        [logits],
        [
          [
            [1, 0, 1],
            [0, 1],
          ],
        ],
        [[1, 1]],
      ),
    ).toBeCloseTo(binary * 1.5 + softmax, 5);
  });

  it('forgets a label that is known not to apply', () => {
    const labels = [
      [
        [1, 0, 0],
        [1, 0],
      ],
    ];
    const sure = lossOf([[1, -4, -4, 0, 0]], labels, [[1, 0]]);
    const surer = lossOf([[1, -9, -9, 0, 0]], labels, [[1, 0]]);

    expect(sigmoid(-4)).toBeLessThan(0.05);
    expect(surer).toBe(sure);
  });

  it('does not see a head that is not known', () => {
    const one = lossOf(
      [[1, 2, 3, 4, 5]],
      [
        [
          [1, 0, 0],
          [1, 0],
        ],
      ],
      [[1, 0]],
    );
    const other = lossOf(
      [[1, 2, 3, -9, 9]],
      [
        [
          [1, 0, 0],
          [0, 1],
        ],
      ],
      [[1, 0]],
    );

    expect(one).toBe(other);
  });

  it('takes the mean over the records that know the head only', () => {
    const labels = [
      [
        [1, 0, 0],
        [1, 0],
      ],
      [
        [0, 1, 0],
        [0, 1],
      ],
    ];
    const logits = [
      [2, -1, 0, 1, -1],
      [3, 0, 1, 5, 2],
    ];
    const first = lossOf([logits[0]!], [labels[0]!], [[1, 0]]);

    expect(
      lossOf(logits, labels, [
        [1, 0],
        [0, 0],
      ]),
    ).toBeCloseTo(first, 5);
  });

  it('stays finite for extreme logits', () => {
    expect(
      lossOf(
        [[1e4, -1e4, 0, 1e4, -1e4]],
        [
          [
            [0, 1, 0],
            [0, 1],
          ],
        ],
        [[1, 1]],
      ),
    ).toBeLessThan(1e5);
  });
});

describe('classWeights', () => {
  it('weighs a rare label more, within bounds, and one without examples 1', () => {
    const articles = [...Array(97).fill('sea'), ...Array(3).fill('sky')].map((id) => ({
      labels: { topics: [id] },
    }));
    const [targets] = encodeTargets(articles, toyTaxonomy);
    const mean = 100 / 3;

    const weights = classWeights(targets!);

    expect(weights[0]).toBeCloseTo(Math.sqrt(mean / 97), 5);
    expect(weights[1]).toBeCloseTo(Math.sqrt(mean / 3), 5);
    expect(weights[2]).toBe(1);
  });
});
