import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestThreshold, DEFAULT_THRESHOLD } from '../../src/classifier/thresholds.ts';

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
