import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  precisionRecallCurve,
  thinCurve,
  thresholdSweep,
  untilComplete,
} from '../../src/evaluation/curves.ts';

describe('precisionRecallCurve', () => {
  it('takes records of equal score together', () => {
    expect(precisionRecallCurve([0.9, 0.5, 0.5], [1, 1, 0])).toEqual([
      { threshold: 0.9, precision: 1, recall: 1 / 2 },
      { threshold: 0.5, precision: 2 / 3, recall: 1 },
    ]);
  });

  it('is empty where no record carries the label', () => {
    expect(precisionRecallCurve([0.9, 0.5], [0, 0])).toEqual([]);
  });
});

describe('untilComplete', () => {
  it('ends where every positive is found', () => {
    const points = precisionRecallCurve([0.9, 0.5, 0.1], [1, 1, 0]);

    expect(untilComplete(points)).toEqual(points.slice(0, 2));
    expect(untilComplete([])).toEqual([]);
  });
});

describe('thinCurve', () => {
  it('keeps the ends and the order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 500 }), fc.integer({ min: 2, max: 60 }), (length, most) => {
        const points = Array.from({ length }, (_, i) => i);
        const thin = thinCurve(points, most);

        expect(thin.length).toBe(Math.min(length, most));
        expect([thin[0], thin.at(-1)]).toEqual([0, length - 1]);
        expect(new Set(thin).size).toBe(thin.length);
        expect([...thin].sort((a, b) => a - b)).toEqual(thin);
      }),
    );
  });
});

describe('thresholdSweep', () => {
  it('accepts a score that equals the threshold', () => {
    const at = (threshold: number) =>
      thresholdSweep([0.5, 0.2], [1, 0]).find((p) => p.threshold === threshold);

    expect(at(0.5)).toEqual({ threshold: 0.5, precision: 1, recall: 1, f1: 1 });
    expect(at(0.52)).toEqual({ threshold: 0.52, precision: 0, recall: 0, f1: 0 });
    expect(at(0.2)).toMatchObject({ precision: 1 / 2, recall: 1 });
  });
});
