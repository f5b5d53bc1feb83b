import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeTargets } from '../../src/classifier/targets.ts';
import { decide, scoreHead } from '../../src/evaluation/metrics.ts';
import { toyTaxonomy } from '../classifier/toy.ts';

const IDS = ['sea', 'sky', 'land'];
const article = (topics?: string[]) => (topics === undefined ? {} : { labels: { topics } });
const decisionsOf = (sets: string[][]) =>
  Uint8Array.from(sets.flatMap((set) => IDS.map((id) => (set.includes(id) ? 1 : 0))));

describe('scoreHead', () => {
  it('counts by hand', () => {
    const truth = [['sea'], ['sea', 'sky'], ['land'], ['sky']];
    const predicted = [['sea'], ['sea'], ['sky'], ['sky']];
    const [targets] = encodeTargets(truth.map(article), toyTaxonomy);

    const score = scoreHead(decisionsOf(predicted), targets!, [0, 1, 2, 3]);

    // sea: tp 2; sky: tp 1, fp 1, fn 1; land: fn 1.
    expect(
      score.labels.map(({ precision, recall, f1, support }) => [precision, recall, f1, support]),
    ).toEqual([
      [1, 1, 1, 2],
      [1 / 2, 1 / 2, 1 / 2, 2],
      [0, 0, 0, 1],
    ]);
    expect(score.microF1).toBeCloseTo(6 / (6 + 1 + 2), 12);
    expect(score.macroF1).toBeCloseTo((1 + 0.5 + 0) / 3, 12);
    expect(score.accuracy).toBe(2 / 4);
  });

  it('leaves out records that do not know the head', () => {
    const [targets] = encodeTargets([article(['sea']), article(undefined)], toyTaxonomy);

    expect(scoreHead(decisionsOf([['sea'], ['land']]), targets!, [0, 1])).toMatchObject({
      records: 1,
      accuracy: 1,
    });
  });

  it('is 1 for the truth itself, whatever it is', () => {
    const set = fc.subarray(IDS, { minLength: 1 });
    fc.assert(
      fc.property(fc.array(set, { minLength: 1 }), (truth) => {
        const [targets] = encodeTargets(truth.map(article), toyTaxonomy);
        const score = scoreHead(decisionsOf(truth), targets!, truth.keys());

        expect([score.microF1, score.macroF1, score.accuracy]).toEqual([1, 1, 1]);
      }),
    );
  });
});

describe('decide', () => {
  const [topics, mood] = encodeTargets([article(['sea'])], toyTaxonomy);

  it('accepts at the threshold and over', () => {
    expect([...decide(Float32Array.of(0.5, 0.49, 0.7), topics!, [0.5, 0.5, 0.8])]).toEqual([1, 0, 0]);
  });

  it('takes the most likely label of a one-of head', () => {
    expect([...decide(Float32Array.of(0.2, 0.8, 0.6, 0.4), mood!, [])]).toEqual([0, 1, 1, 0]);
  });
});
