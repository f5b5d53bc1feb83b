import { describe, expect, it } from 'vitest';
import { averagePrecision, rocAuc } from '../../src/evaluation/ranking.ts';
import { expectedCalibrationError, reliabilityBins } from '../../src/evaluation/reliability.ts';

describe('reliabilityBins', () => {
  it('puts 1 into the last bin and averages within a bin', () => {
    const bins = reliabilityBins([0.02, 0.08, 1, 0.95], [0, 1, 1, 1]);

    expect(bins[0]).toMatchObject({ records: 2, observed: 0.5 });
    expect(bins[0]!.predicted).toBeCloseTo(0.05, 12);
    expect(bins[9]).toMatchObject({ records: 2, observed: 1 });
  });
});

describe('expectedCalibrationError', () => {
  it('is the gap weighted by records', () => {
    // Two records at 0.05, one of which came true; two at 0.9 and over that both did.
    const bins = reliabilityBins([0.05, 0.05, 0.9, 1], [0, 1, 1, 1]);

    expect(expectedCalibrationError(bins)).toBeCloseTo((2 * 0.45 + 2 * 0.05) / 4, 12);
  });

  it('is 0 for no records', () => {
    expect(expectedCalibrationError(reliabilityBins([], []))).toBe(0);
  });
});

describe('ranking', () => {
  it('is perfect for a perfect order, whatever the scores', () => {
    expect(averagePrecision([9, 8, 1], [1, 1, 0])).toBe(1);
    expect(rocAuc([9, 8, 1], [1, 1, 0])).toBe(1);
    expect(rocAuc([1, 8, 9], [1, 0, 0])).toBe(0);
  });

  it('has a value where there is nothing to rank', () => {
    expect(averagePrecision([1, 2], [0, 0])).toBe(0);
    expect(rocAuc([1, 2], [1, 1])).toBe(0.5);
  });
});
