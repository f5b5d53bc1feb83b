import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useBackend } from '../../src/classifier/backend.ts';
import { openClassifier } from '../../src/classifier/classifier.ts';
import { rowsOf, type TrainingInput } from '../../src/classifier/prepare.ts';
import { trainClassifier } from '../../src/classifier/train.ts';
import { labelledFeatures } from '../../src/evaluation/evaluate.ts';
import { decide, scoreHead } from '../../src/evaluation/metrics.ts';
import { fakeIdentity } from '../encoder/fake.ts';
import { TOY_DIM, type ToyWorld, toyTaxonomy, toyWorld } from './toy.ts';

const encoder = fakeIdentity({ dim: TOY_DIM });
const input = (world = toyWorld(600, 1)): TrainingInput => ({
  ...world,
  encoder,
  taxonomy: toyTaxonomy,
  seed: 7,
  ngrams: true,
});

beforeAll(async () => {
  await useBackend('wasm');
});

/** Accuracy of both heads on the test split. */
async function testAccuracy(data: TrainingInput): Promise<number[]> {
  const trained = await trainClassifier(data);
  const { heads, minimumSimilarity, ngrams } = trained;
  const manifest = { taxonomy: toyTaxonomy, encoder, heads, minimumSimilarity, ngrams };
  const classifier = openClassifier({ ...trained, manifest, id: 'toy' }, encoder);
  const test = labelledFeatures(classifier, data.articles, data.vectors, rowsOf(data.articles, 'test'));
  const probabilities = classifier.probabilities(test);
  trained.network.dispose();
  return test.targets.map((targets, i) => {
    const decisions = decide(probabilities[i]!, targets, heads[i]!.thresholds);
    return scoreHead(decisions, targets, targets.known.keys()).accuracy;
  });
}

describe('trainClassifier', () => {
  it('learns both heads', async () => {
    const [topics, mood] = await testAccuracy(input());

    expect(topics).toBeGreaterThan(0.9);
    expect(mood).toBeGreaterThan(0.95);
  });

  it.each([
    [
      'the vectors tell the labels and the texts do not',
      (world: ToyWorld) => {
        for (const article of world.articles) article.text = article.text.replace(/[a-v]+/g, 'x');
      },
      {},
    ],
    [
      'the texts tell the labels and the vectors do not',
      (world: ToyWorld) => {
        world.vectors.fill(1 / Math.sqrt(TOY_DIM));
      },
      // Larger steps than by default: the n-grams must do all the work.
      { wideLearningRate: 0.3, maxEpochs: 25 },
    ],
  ])('learns where %s', async (_, spoil, options) => {
    const world = toyWorld(900, 1);
    spoil(world);

    const [topics, mood] = await testAccuracy({ ...input(world), options });

    expect(topics).toBeGreaterThan(0.9);
    expect(mood).toBeGreaterThan(0.9);
  });

  it('takes the validation split alone where it is large', async () => {
    const { heldOut, network } = await trainClassifier({
      ...input(toyWorld(10_000, 1)),
      options: { maxEpochs: 1 },
    });
    network.dispose();

    expect(heldOut).toBe('validation');
  });

  it('learns a head from the records that know it, and is not misled by those that do not', async () => {
    const world = toyWorld(500, 1, (article, i) => {
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
