/** Confidence intervals by the percentile bootstrap (Efron and Tibshirani 1993). */

import { seededRandom } from '../random.ts';

export interface Interval {
  value: number;
  low: number;
  high: number;
}

export interface BootstrapOptions {
  seed: number;
  resamples?: number;
  /**
   * For statistics that are 0 at best and never below, such as an error between rates: draws lie too high on average,
   * and are moved by that bias (Efron and Tibshirani 1993, chapter 10).
   */
  correctBias?: boolean;
}

type Statistics = (rows: readonly number[]) => number[];

/**
 * 95 % intervals of several statistics at once: records are drawn with replacement, the statistics computed anew.
 * @param statistics Values for the given record indices, always in the same order.
 */
export function bootstrapIntervals(
  records: number,
  statistics: Statistics,
  { seed, resamples = 1_000, correctBias = false }: BootstrapOptions,
): Interval[] {
  const random = seededRandom(seed);
  const values = statistics(Array.from({ length: records }, (_, i) => i));
  const draws = values.map(() => new Float64Array(resamples));
  for (let r = 0; r < resamples; r++) {
    const rows = Array.from({ length: records }, () => random.below(records));
    for (const [k, value] of statistics(rows).entries()) draws[k]![r] = value;
  }
  return values.map((value, k) => {
    const sorted = draws[k]!.sort();
    const at = (share: number) =>
      sorted[Math.min(resamples - 1, Math.max(0, Math.round(share * (resamples - 1))))]!;
    if (!correctBias) return { value, low: at(0.025), high: at(0.975) };
    const bias = sorted.reduce((sum, draw) => sum + draw, 0) / resamples - value;
    return { value, low: Math.max(0, at(0.025) - bias), high: Math.max(0, at(0.975) - bias) };
  });
}

export interface Difference extends Interval {
  /** Share of resamples in which the first is not better than the second: the one-sided p-value. */
  pValue: number;
}

/**
 * Paired bootstrap test (Koehn 2004; Berg-Kirkpatrick, Burkett and Klein 2012) of several figures in which more is
 * better: both systems are scored on the same draws of records. Positive: the first is better.
 */
export function pairedDifferences(
  records: number,
  first: Statistics,
  second: Statistics,
  { seed, resamples = 1_000 }: Omit<BootstrapOptions, 'correctBias'>,
): Difference[] {
  let draws = -1;
  let notBetter: number[] = [];
  const intervals = bootstrapIntervals(
    records,
    (rows) => {
      const theirs = second(rows);
      const differences = first(rows).map((value, k) => value - theirs[k]!);
      draws += 1;
      // The first call is on the records themselves.
      if (draws === 0) notBetter = differences.map(() => 0);
      else for (const [k, difference] of differences.entries()) if (difference <= 0) notBetter[k]! += 1;
      return differences;
    },
    { seed, resamples },
  );
  return intervals.map((interval, k) => ({ ...interval, pValue: notBetter[k]! / resamples }));
}
