import { describe, expect, it } from 'vitest';
import { bootstrapIntervals, pairedDifferences } from '../../src/evaluation/bootstrap.ts';
import { seededRandom } from '../../src/random.ts';

const mean = (values: number[]) => (rows: readonly number[]) => [
  rows.reduce((sum, row) => sum + values[row]!, 0) / rows.length,
];

describe('bootstrapIntervals', () => {
  it('comes near the normal interval of a mean', () => {
    const random = seededRandom(1);
    const values = Array.from({ length: 400 }, () => random.next());
    const [m] = mean(values)([...values.keys()]);
    const error = Math.sqrt(values.reduce((sum, x) => sum + (x - m!) ** 2, 0)) / values.length;

    const [interval] = bootstrapIntervals(400, mean(values), { seed: 1, resamples: 2_000 });

    expect(interval!.value).toBe(m);
    expect(interval!.low).toBeCloseTo(m! - 1.96 * error, 2);
    expect(interval!.high).toBeCloseTo(m! + 1.96 * error, 2);
  });

  it('has no width where there is no variation', () => {
    expect(bootstrapIntervals(10, mean(Array(10).fill(3)), { seed: 1 })).toEqual([
      { value: 3, low: 3, high: 3 },
    ]);
  });

  it('repeats itself with the same seed', () => {
    const values = [1, 5, 2, 8, 3];

    expect(bootstrapIntervals(5, mean(values), { seed: 2 })).toEqual(
      bootstrapIntervals(5, mean(values), { seed: 2 }),
    );
  });
});

describe('a statistic that cannot fall below 0', () => {
  it('has an interval that holds its value once the bias of drawing is taken off', () => {
    // Half of the records are 1, half −1: their mean is 0, and so is its distance from 0, but not that of a draw.
    const values = Array.from({ length: 40 }, (_, i) => (i % 2 ? 1 : -1));
    const distance = (rows: readonly number[]) => [Math.abs(mean(values)(rows)[0]!)];

    const [plain] = bootstrapIntervals(40, distance, { seed: 1 });
    const [corrected] = bootstrapIntervals(40, distance, { seed: 1, correctBias: true });

    expect(corrected!.value).toBe(0);
    expect(corrected!.low).toBe(0);
    expect(corrected!.high).toBeLessThan(plain!.high);
  });
});

describe('pairedDifferences', () => {
  const ones = mean(Array(50).fill(1));
  const zeros = mean(Array(50).fill(0));

  it('are sure of a difference on every record and unsure of none', () => {
    expect(pairedDifferences(50, ones, zeros, { seed: 1 })).toEqual([
      { value: 1, low: 1, high: 1, pValue: 0 },
    ]);
    expect(pairedDifferences(50, ones, ones, { seed: 1 })[0]!.pValue).toBe(1);
  });

  it('are each their own: the first figure may be better while the second is worse', () => {
    const first = (rows: readonly number[]) => [...ones(rows), ...zeros(rows)];
    const second = (rows: readonly number[]) => [...zeros(rows), ...ones(rows)];
    const [better, worse] = pairedDifferences(50, first, second, { seed: 1 });

    expect([better!.pValue, worse!.pValue]).toEqual([0, 1]);
  });
});
