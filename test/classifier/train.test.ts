import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useBackend } from '../../src/classifier/backend.ts';
import { calibrate } from '../../src/classifier/calibration.ts';
import { splitHeads } from '../../src/classifier/classifier.ts';
import { predictLogits } from '../../src/classifier/network.ts';
import { selectSplit, type TrainingInput, trainClassifier } from '../../src/classifier/train.ts';
import { decide, scoreHead } from '../../src/evaluation/metrics.ts';
import { fakeIdentity } from '../encoder/fake.ts';
import { TOY_DIM, toyTaxonomy, toyWorld } from './toy.ts';

const encoder = fakeIdentity({ dim: TOY_DIM });
const input = (world = toyWorld(300, 1)): TrainingInput => ({
  ...world,
  encoder,
  taxonomy: toyTaxonomy,
  seed: 7,
});

beforeAll(async () => {
  await useBackend('wasm');
});

/** Accuracy of both heads on the test split. */
async function testAccuracy(data: TrainingInput): Promise<number[]> {
  const { network, heads } = await trainClassifier(data);
  const test = selectSplit(data, 'test', TOY_DIM);
  const logits = splitHeads(predictLogits(network, test.vectors, TOY_DIM), toyTaxonomy);
  network.dispose();
  return test.targets.map((targets, i) => {
    const probabilities = calibrate(logits[i]!, targets.head, heads[i]!.calibration);
    const decisions = decide(probabilities, targets, heads[i]!.thresholds);
    return scoreHead(decisions, targets, targets.known.keys()).accuracy;
  });
}

describe('trainClassifier', () => {
  it('learns both heads', async () => {
    const [topics, mood] = await testAccuracy(input());

    expect(topics).toBeGreaterThan(0.9);
    expect(mood).toBeGreaterThan(0.95);
  });

  it('learns a head from the records that know it, and is not misled by those that do not', async () => {
    const world = toyWorld(300, 1, (article, i) => {
      if (i % 2 === 0 && article.split !== 'test') article.labels = { topics: article.labels!.topics! };
    });

    const [topics, mood] = await testAccuracy(input(world));

    expect(topics).toBeGreaterThan(0.9);
    expect(mood).toBeGreaterThan(0.95);
  });

  it('gives the same weights byte for byte for the same seed, and others for another', async () => {
    const weights = async (seed: number) => {
      const { network } = await trainClassifier({ ...input(), seed, options: { maxEpochs: 3 } });
      const bytes = network
        .getWeights()
        .map((w) => Buffer.from(w.dataSync().buffer.slice(0)).toString('base64'));
      network.dispose();
      return bytes;
    };

    const first = await weights(7);

    expect(await weights(7)).toEqual(first);
    expect(await weights(8)).not.toEqual(first);
  });

  it('leaves no tensor behind', async () => {
    const run = async () =>
      (await trainClassifier({ ...input(), options: { maxEpochs: 2 } })).network.dispose();
    await run();
    const before = tf.memory().numTensors;

    await run();

    expect(tf.memory().numTensors).toBe(before);
  });

  it('returns the weights of the best epoch, not of the last', async () => {
    const losses: number[] = [];
    const { bestEpoch } = await trainClassifier({
      ...input(toyWorld(60, 3)),
      options: { maxEpochs: 40, patience: 40, learningRate: 0.05 },
      onEpoch: ({ validationLoss }) => void losses.push(validationLoss),
    });

    expect(losses).toHaveLength(40);
    expect(losses[bestEpoch - 1]).toBe(Math.min(...losses));
  });

  it('stops when its signal says so', async () => {
    const signal = AbortSignal.abort(new Error('enough'));

    await expect(trainClassifier({ ...input(), signal })).rejects.toThrow('enough');
  });

  it('names the article whose vector holds NaN', async () => {
    const data = input();
    data.vectors[5 * TOY_DIM + 2] = Number.NaN;

    await expect(trainClassifier(data)).rejects.toThrow('toy-5');
  });

  it('refuses a head with one label only', async () => {
    const world = toyWorld(60, 1, (article) => {
      article.labels = { ...article.labels, mood: 'calm' };
    });

    await expect(trainClassifier(input(world))).rejects.toThrow('head mood');
  });

  it('refuses data without a validation split', async () => {
    const world = toyWorld(60, 1, (article) => {
      article.split = 'train';
    });

    await expect(trainClassifier(input(world))).rejects.toMatchObject({ code: 'data-empty' });
  });

  it('warns of labels with few examples', async () => {
    const world = toyWorld(60, 1, (article, i) => {
      article.labels = { ...article.labels, topics: [i === 0 ? 'sea' : 'sky'] };
    });

    const { warnings, network } = await trainClassifier({ ...input(world), options: { maxEpochs: 1 } });
    network.dispose();

    expect(warnings.some((w) => w.startsWith('topics/sea: only 1 training'))).toBe(true);
  });
});
