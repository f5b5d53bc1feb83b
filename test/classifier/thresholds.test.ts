import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bestThreshold,
  DEFAULT_THRESHOLD,
  fitThresholds,
  parsePrecisions,
  thresholdAtPrecision,
} from '../../src/classifier/thresholds.ts';
import { toyTaxonomy } from './toy.ts';

const f1At = (threshold: number, scores: number[], positive: boolean[]) => {
  const tp = scores.filter((s, i) => s >= threshold && positive[i]).length;
  const predicted = scores.filter((s) => s >= threshold).length;
  return (2 * tp) / (predicted + positive.filter(Boolean).length);
};

describe('bestThreshold', () => {
  it('separates what can be separated', () => {
    const scores = [0.9, 0.8, 0.75, 0.7, 0.65, 0.3, 0.2, 0.1];
    const positive = scores.map((s) => s > 0.6);

    expect(bestThreshold(scores, positive)).toBeCloseTo((0.65 + 0.3) / 2, 10);
  });

  it('stays at the default with fewer than five positives', () => {
    expect(bestThreshold([0.9, 0.1, 0.2], [true, false, false])).toBe(DEFAULT_THRESHOLD);
  });

  it('is as good as any threshold of a fine grid', () => {
    const item = fc.record({
      score: fc.integer({ min: 12, max: 88 }).map((n) => n / 100),
      positive: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(item, { minLength: 20, maxLength: 60 }), (items) => {
        const scores = items.map((x) => x.score);
        const positive = items.map((x) => x.positive);
        fc.pre(positive.filter(Boolean).length >= 5);
        const own = f1At(bestThreshold(scores, positive), scores, positive);

        for (let t = 0.11; t < 0.89; t += 0.005)
          expect(own).toBeGreaterThanOrEqual(f1At(t, scores, positive) - 1e-9);
      }),
    );
  });
});

const precisionAt = (threshold: number, scores: number[], positive: boolean[]) => {
  const predicted = scores.filter((s) => s >= threshold).length;
  return scores.filter((s, i) => s >= threshold && positive[i]).length / predicted;
};

describe('thresholdAtPrecision', () => {
  const scores = [0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2];
  const positive = [true, true, true, false, true, false, true, false, false, false];

  it('gives up recall for the precision demanded', () => {
    // Three of three above 0.825; four of five above 0.65; five of seven above 0.45.
    expect(thresholdAtPrecision(scores, positive, 1, 'x')).toEqual({
      threshold: expect.closeTo(0.825, 10),
      precision: 1,
      recall: 3 / 5,
    });
    expect(thresholdAtPrecision(scores, positive, 0.75, 'x').threshold).toBeCloseTo(0.65, 10);
    expect(thresholdAtPrecision(scores, positive, 0.5, 'x').threshold).toBeCloseTo(0.45, 10);
  });

  it('is never below the precision demanded, and never worse than a fine grid', () => {
    const item = fc.record({
      score: fc.integer({ min: 1, max: 99 }).map((n) => n / 100),
      positive: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(item, { minLength: 20, maxLength: 60 }), (items) => {
        const own = items.map((x) => x.score);
        const truth = items.map((x) => x.positive);
        fc.pre(truth.filter(Boolean).length >= 5);
        const reachable = own.some((t) => precisionAt(t, own, truth) >= 0.6);
        fc.pre(reachable);

        const tuned = thresholdAtPrecision(own, truth, 0.6, 'x');

        expect(precisionAt(tuned.threshold, own, truth)).toBeCloseTo(tuned.precision, 10);
        expect(tuned.precision).toBeGreaterThanOrEqual(0.6);
        for (const t of own)
          if (precisionAt(t, own, truth) >= 0.6)
            expect(f1At(tuned.threshold, own, truth)).toBeGreaterThanOrEqual(f1At(t, own, truth) - 1e-9);
      }),
    );
  });

  it('says how far precision goes where the demand cannot be met', () => {
    expect(() => thresholdAtPrecision(scores, positive.toReversed(), 0.9, 'topics/sea')).toThrow(
      /topics\/sea: no threshold reaches precision 0.9 .* 0.50 is the most, at recall 1.00/,
    );
    expect(() => thresholdAtPrecision([0.9], [true], 0.9, 'topics/sea')).toThrow(
      /1 held-out examples are too few/,
    );
  });
});

describe('parsePrecisions', () => {
  it('reads labels with and without their head', () => {
    expect([...parsePrecisions(['sea=0.9', 'topics/sky=1'], toyTaxonomy)]).toEqual([
      ['topics/sea', 0.9],
      ['topics/sky', 1],
    ]);
  });

  it.each(['sea', 'sea=', 'sea=1.5', 'sea=0', 'moon=0.9', 'calm=0.9'])('refuses %s', (pair) => {
    expect(() => parsePrecisions([pair], toyTaxonomy)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

describe('fitThresholds', () => {
  it('tunes a demanded label by its precision and the others by F1; one-of heads need none', () => {
    const [topics, mood] = toyTaxonomy.heads;
    const scores = [0.9, 0.8, 0.7, 0.65, 0.6, 0.55, 0.3, 0.2];
    const truth = [1, 1, 0, 1, 1, 1, 0, 0];
    const each = (values: number[]) => values.flatMap((value) => [value, value, value]);
    const known = new Uint8Array(8).fill(1);
    const targets = { head: topics!, labels: Uint8Array.from(each(truth)), known };

    const fitted = fitThresholds(Float32Array.from(each(scores)), targets, new Map([['topics/sky', 1]]));

    expect(fitted.thresholds[0]).toBeCloseTo((0.55 + 0.3) / 2, 6);
    expect(fitted.thresholds[1]).toBeCloseTo((0.8 + 0.7) / 2, 6);
    expect(fitted.tuned).toEqual({
      'topics/sky': { threshold: fitted.thresholds[1], precision: 1, recall: 2 / 5 },
    });
    expect(fitThresholds(new Float32Array(16), { ...targets, head: mood! })).toEqual({
      thresholds: [],
      tuned: {},
    });
  });
});
