import { beforeAll, describe, expect, it } from 'vitest';
import { useBackend } from '../../src/classifier/backend.ts';
import { calibrate, fitTemperature, logLoss } from '../../src/classifier/calibration.ts';
import { meanOf } from '../../src/classifier/ensemble.ts';
import type { LabelledFeatures } from '../../src/classifier/features.ts';
import { fitModel } from '../../src/classifier/fit.ts';
import { modelLogits } from '../../src/classifier/model.ts';
import { encodeTargets } from '../../src/classifier/targets.ts';
import { createNgramWeigher, fitTfidf, noNgrams } from '../../src/classifier/tfidf.ts';
import { DEFAULT_TRAINING } from '../../src/classifier/training-options.ts';
import type { Taxonomy } from '../../src/dataset/taxonomy.ts';
import { tf } from '../../src/tensorflow.ts';
import { TOY_DIM, toyTaxonomy, toyWorld } from './toy.ts';

function labelled(size: number, seed: number): LabelledFeatures {
  const { articles, vectors } = toyWorld(size, seed);
  const tfidf = fitTfidf(
    toyWorld(60, 1).articles.map(({ text }) => text),
    1,
  );
  const ngrams = createNgramWeigher(tfidf)(articles.map(({ text }) => text));
  return { vectors, ngrams, targets: encodeTargets(articles, toyTaxonomy) };
}

/** Held-out rows whose labels have nothing to do with them: learning more only makes them worse. */
const misleading = (): LabelledFeatures => ({ ...labelled(60, 2), targets: labelled(60, 3).targets });

beforeAll(async () => {
  await useBackend('wasm');
});

describe('fitModel', () => {
  const options = { ...DEFAULT_TRAINING, seed: 1, maxEpochs: 30, patience: 30 * 60, learningRate: 0.05 };

  it('returns network and wide part of the best epoch, not of the last', async () => {
    const heldOut = misleading();

    const fit = await fitModel(labelled(60, 1), heldOut, toyTaxonomy, TOY_DIM, options);

    const losses = fit.history.map(({ heldOutLoss }) => heldOutLoss!);
    expect(losses).toHaveLength(30);
    expect(losses[fit.bestEpoch - 1]).toBe(Math.min(...losses));
    expect(fit.bestEpoch).toBeLessThan(30);
    expect(modelLogits(fit, heldOut, TOY_DIM)).toEqual(fit.heldOutLogits[fit.bestEpoch - 1]);
    fit.network.dispose();
  });

  it('stops once patience is used up', async () => {
    const fit = await fitModel(labelled(60, 1), misleading(), toyTaxonomy, TOY_DIM, {
      ...options,
      patience: 5 * 60,
    });
    fit.network.dispose();

    expect(fit.history).toHaveLength(fit.bestEpoch + 5);
  });

  it('does not choose the epoch of a one-of head by how sure it is', async () => {
    const mood: Taxonomy = { heads: [toyTaxonomy.heads[1]!] };
    const ofMood = (data: LabelledFeatures) => ({ ...data, targets: [data.targets[1]!] });
    const heldOut = ofMood(labelled(60, 2));
    const targets = heldOut.targets[0]!;

    // At a small rate the classes are told apart long before the probabilities say so.
    const slow = { ...options, learningRate: 0.006 };
    const fit = await fitModel(ofMood(labelled(60, 1)), heldOut, mood, TOY_DIM, slow);
    fit.network.dispose();

    const at = (temperature: (logits: Float32Array) => number) =>
      fit.heldOutLogits.map((logits) => {
        const calibration = { kind: 'temperature' as const, temperature: temperature(logits) };
        return logLoss(calibrate(logits, targets.head, calibration), targets);
      });
    const best = (losses: number[]) => losses.indexOf(Math.min(...losses)) + 1;
    expect(fit.bestEpoch).toBe(best(at((logits) => fitTemperature(logits, targets))));
    expect(fit.bestEpoch).not.toBe(best(at(() => 1)));
  });

  it('runs all epochs where no rows are held out', async () => {
    const fit = await fitModel(labelled(60, 1), undefined, toyTaxonomy, TOY_DIM, {
      ...options,
      maxEpochs: 3,
    });
    fit.network.dispose();

    expect(fit).toMatchObject({ bestEpoch: 3, heldOutLogits: [] });
  });

  it('stops, and gives logits, by the mean of several fits', async () => {
    const [training, heldOut] = [labelled(60, 1), misleading()];
    const before = tf.memory().numTensors;
    const run = (seed: number, fits: number) =>
      fitModel(training, heldOut, toyTaxonomy, TOY_DIM, { ...options, maxEpochs: 8, seed, fits });
    const both = await run(1, 2);
    // The second of an ensemble's fits has a seed a thousand further.
    const each = [await run(1, 1), await run(1_001, 1)];

    for (const [epoch, logits] of both.heldOutLogits.entries())
      expect(logits).toEqual(meanOf(each.map((fit) => fit.heldOutLogits[epoch]!)));
    const kept = both.heldOutLogits[both.bestEpoch - 1]!;
    for (const [i, z] of modelLogits(both, heldOut, TOY_DIM).entries()) expect(z).toBeCloseTo(kept[i]!, 4);
    expect(both.network.getWeights()[0]!.shape).toEqual([TOY_DIM, 2 * options.hidden]);
    for (const { network } of [both, ...each]) network.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('teaches the wide part to do without vectors', async () => {
    const training = labelled(60, 1);
    const unseen = labelled(60, 2);
    const blind = { ...unseen, vectors: new Float32Array(60 * TOY_DIM) };
    const mood = unseen.targets[1]!;
    const losses = [];
    for (const wideLossWeight of [0, 1]) {
      const fit = await fitModel(training, undefined, toyTaxonomy, TOY_DIM, {
        ...options,
        maxEpochs: 5,
        wideLossWeight,
      });
      const logits = modelLogits(fit, blind, TOY_DIM);
      fit.network.dispose();
      const own = Float32Array.from({ length: 120 }, (_, i) => logits[(i >> 1) * 5 + 3 + (i & 1)]!);
      losses.push(logLoss(calibrate(own, mood.head, { kind: 'temperature', temperature: 1 }), mood));
    }

    expect(losses[1]).toBeLessThan(0.8 * losses[0]!);
  });

  it('asks nothing of the wide part where there are no n-grams', async () => {
    const training = { ...labelled(60, 1), ngrams: noNgrams(60) };
    const fits = [];
    for (const wideLossWeight of [0, 1])
      fits.push(
        await fitModel(training, undefined, toyTaxonomy, TOY_DIM, {
          ...options,
          maxEpochs: 2,
          wideLossWeight,
        }),
      );
    const [without, beside] = fits.map((fit) => modelLogits(fit, training, TOY_DIM));
    for (const fit of fits) fit.network.dispose();

    expect(beside).toEqual(without);
    expect(fits[1]!.history).toEqual(fits[0]!.history);
  });
});
