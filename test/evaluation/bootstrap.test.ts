import { describe, expect, it } from 'vitest';
import { bootstrapIntervals } from '../../src/evaluation/bootstrap.ts';
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
