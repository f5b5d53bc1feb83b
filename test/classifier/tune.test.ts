import { beforeAll, describe, expect, it } from 'vitest';
import { useBackend } from '../../src/classifier/backend.ts';
import type { TrainingInput } from '../../src/classifier/prepare.ts';
import { bestTrial, type Trial, trialLoss, tuneClassifier } from '../../src/classifier/tune.ts';
import { fakeIdentity } from '../encoder/fake.ts';
import { TOY_DIM, toyTaxonomy, toyWorld } from './toy.ts';

const input: TrainingInput = {
  ...toyWorld(120, 1),
  encoder: fakeIdentity({ dim: TOY_DIM }),
  taxonomy: toyTaxonomy,
  seed: 3,
  ngrams: true,
  options: { maxEpochs: 4 },
};
const upTo = (count: number) => (trials: readonly Trial[]) => trials.length < count;

beforeAll(async () => {
  await useBackend('wasm');
});

describe('tuneClassifier', () => {
  it('tries the defaults first, then others, and runs at least one trial', async () => {
    const [only, ...none] = await tuneClassifier(input, { goOn: () => false });
    const trials = await tuneClassifier(input, { goOn: upTo(4) });

    expect(none).toEqual([]);
    expect(only!.givenUp).toBe(false);
    expect(trials[0]).toEqual(only);
    expect(new Set(trials.map(({ options }) => JSON.stringify(options))).size).toBe(4);
  });

  it('gives the same trials again, also when it was stopped between', async () => {
    const whole = await tuneClassifier(input, { goOn: upTo(5) });
    const half = await tuneClassifier(input, { goOn: upTo(2) });

    const resumed = await tuneClassifier(input, { trials: half, goOn: upTo(5) });

    expect(resumed).toEqual(whole);
  });

  it('gives up what falls far behind, and never names it the best', async () => {
    const trials = await tuneClassifier(input, { goOn: upTo(8) });

    const finished = trials.filter(({ givenUp }) => !givenUp);
    expect(finished.length).toBeGreaterThan(0);
    for (const { losses, givenUp } of trials) expect(losses.length < 5).toBe(givenUp);
    expect(trialLoss(bestTrial(trials))).toBe(Math.min(...finished.map(trialLoss)));
  });

  it('stops when its signal says so; what was finished is known', async () => {
    const controller = new AbortController();
    let known: readonly Trial[] = [];
    const stopped = tuneClassifier(
      { ...input, signal: controller.signal },
      {
        goOn: () => true,
        onTrial: (trials) => {
          known = [...trials];
          if (trials.length === 2) controller.abort();
        },
      },
    );

    await expect(stopped).rejects.toThrow();
    expect(known).toHaveLength(2);
  });

  it('keeps to vectors where n-grams are not wanted', async () => {
    const trials = await tuneClassifier({ ...input, ngrams: false }, { goOn: upTo(3) });

    expect(trials[0]!.options.ngrams).toBe(false);
  });
});
