import { beforeAll, describe, expect, it } from 'vitest';
import { useBackend } from '../../src/classifier/backend.ts';
import { type Classifier, openClassifier } from '../../src/classifier/classifier.ts';
import { type Features, selectFeatures } from '../../src/classifier/features.ts';
import { splitHeads } from '../../src/classifier/network.ts';
import { trainClassifier } from '../../src/classifier/train.ts';
import { fakeIdentity } from '../encoder/fake.ts';
import { TOY_DIM, toyTaxonomy, toyWorld } from './toy.ts';

const encoder = fakeIdentity({ dim: TOY_DIM });
const world = toyWorld(300, 2);
let classifier: Classifier;
let thresholds: number[];
let all: Features;

beforeAll(async () => {
  await useBackend('wasm');
  const trained = await trainClassifier({
    ...world,
    encoder,
    taxonomy: toyTaxonomy,
    seed: 1,
    ngrams: true,
  });
  const { heads, minimumSimilarity, ngrams } = trained;
  const manifest = { taxonomy: toyTaxonomy, encoder, heads, minimumSimilarity, ngrams };
  thresholds = heads[0]!.thresholds;
  classifier = openClassifier({ ...trained, manifest, id: 'toy' }, encoder);
  all = classifier.features(
    world.articles.map(({ text }) => text),
    world.vectors,
  );
});

describe('splitHeads', () => {
  it('cuts each row at the heads’ borders', () => {
    const logits = Float32Array.from({ length: 10 }, (_, i) => i);

    expect(splitHeads(logits, toyTaxonomy)).toEqual([
      Float32Array.of(0, 1, 2, 5, 6, 7),
      Float32Array.of(3, 4, 8, 9),
    ]);
  });
});

describe('classify', () => {
  it('accepts the labels at or over their threshold, best first', () => {
    for (const { heads } of classifier.classify(all)) {
      const { accepted, scores } = heads.topics!;
      const expected = scores
        .filter(({ score }, k) => score >= thresholds[k]!)
        .sort((a, b) => b.score - a.score);

      expect(accepted).toEqual(expected);
    }
  });

  it('accepts exactly the most likely label of a one-of head, whose scores add up to 1', () => {
    for (const { heads } of classifier.classify(all)) {
      const { accepted, scores } = heads.mood!;

      expect(accepted).toHaveLength(1);
      expect(accepted[0]!.score).toBe(Math.max(...scores.map(({ score }) => score)));
      expect(scores.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
    }
  });

  it('abstains from a vector unlike all it was trained on, and from few of those like it', () => {
    const strange = Float32Array.of(0, 0, 0, 0, 0, 0, -1, 0);

    const [prediction] = classifier.classify(classifier.features(['?'], strange));
    const familiar = classifier.classify(all).filter(({ reasons }) => !reasons.includes('unfamiliar'));

    expect(prediction).toMatchObject({ abstains: true, reasons: expect.arrayContaining(['unfamiliar']) });
    expect(familiar.length).toBeGreaterThan(0.95 * 300);
  });

  it('gives each row the same answer alone and among others', () => {
    const together = classifier.classify(all);

    const alone = classifier.classify(selectFeatures(all, [5], TOY_DIM));

    for (const [k, { score }] of alone[0]!.heads.topics!.scores.entries()) {
      expect(score).toBeCloseTo(together[5]!.heads.topics!.scores[k]!.score, 5);
    }
  });
});
