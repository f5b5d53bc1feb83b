import { describe, expect, it } from 'vitest';
import { encodeTargets } from '../../src/classifier/targets.ts';
import { coverageOf, judge } from '../../src/evaluation/coverage.ts';
import { toyTaxonomy } from '../classifier/toy.ts';

const article = (topics: string[], mood: string) => ({ labels: { topics, mood } });
const [topics, mood] = encodeTargets(
  [article(['sea', 'sky'], 'calm'), article(['land'], 'storm')],
  toyTaxonomy,
);

describe('judge', () => {
  it('takes the chosen label’s probability for a one-of head', () => {
    const judged = judge(Float32Array.of(0.75, 0.25, 0.5, 0.5), Uint8Array.of(1, 0, 1, 0), mood!, [0, 1]);

    expect([...judged.confidence]).toEqual([0.75, 0.5]);
    expect([...judged.score]).toEqual([1, 0]);
  });

  it('takes the probability of the whole set for a multi-label head', () => {
    const probabilities = Float32Array.of(0.75, 0.25, 0.5, 0.25, 0.25, 0.75);
    const judged = judge(probabilities, Uint8Array.of(1, 0, 0, 0, 0, 1), topics!, [0, 1]);

    expect([...judged.confidence]).toEqual([0.75 * 0.75 * 0.5, 0.75 ** 3]);
    // Of {sea, sky} only sea was found: 2 · 1 / (1 + 2).
    expect([...judged.score]).toEqual([2 / 3, 1]);
  });
});

describe('coverageOf', () => {
  const confidence = Float64Array.of(0.6, 0.9, 0.8, 0.7);
  const score = Float64Array.of(0, 1, 1, 0);
  const judged = { confidence, score };

  it('answers the surest first', () => {
    const { curve, areaUnderRisk } = coverageOf(judged, undefined, { seed: 1 });

    expect(curve.map((p) => [p.coverage, p.confidence, p.score.value])).toEqual([
      [0.25, 0.9, 1],
      [0.5, 0.8, 1],
      [0.75, 0.7, 2 / 3],
      [1, 0.6, 1 / 2],
    ]);
    expect(areaUnderRisk).toBeCloseTo((0 + 0 + 1 / 3 + 1 / 2) / 4, 12);
  });

  it('tells nothing of a rest that does not exist', () => {
    expect(coverageOf(judged, [false, false, false, false], { seed: 1 }).own).toEqual({
      coverage: { value: 1, low: 1, high: 1 },
      answered: expect.objectContaining({ value: 0.5 }),
    });
    expect(coverageOf(judged, undefined, { seed: 1 }).own).toBeUndefined();
  });
});
