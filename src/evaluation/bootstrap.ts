/** Confidence intervals by the percentile bootstrap (Efron and Tibshirani 1993). */

import { seededRandom } from '../random.ts';

export interface Interval {
  value: number;
  low: number;
  high: number;
}

/**
 * 95 % intervals of several statistics at once: records are drawn with replacement, the statistics computed anew.
 * @param statistic Values for the given record indices, always in the same order.
 */
export function bootstrapIntervals(
  records: number,
  statistic: (rows: readonly number[]) => number[],
  { seed, resamples = 1_000 }: { seed: number; resamples?: number },
): Interval[] {
  const random = seededRandom(seed);
  const values = statistic(Array.from({ length: records }, (_, i) => i));
  const draws = values.map(() => new Float64Array(resamples));
  for (let r = 0; r < resamples; r++) {
    const rows = Array.from({ length: records }, () => random.below(records));
    for (const [k, value] of statistic(rows).entries()) draws[k]![r] = value;
  }
  return values.map((value, k) => {
    const sorted = draws[k]!.sort();
    const at = (share: number) =>
      sorted[Math.min(resamples - 1, Math.max(0, Math.round(share * (resamples - 1))))]!;
    return { value, low: at(0.025), high: at(0.975) };
  });
}

export interface Difference extends Interval {
  /** Share of resamples in which the first is not better than the second: the one-sided p-value. */
  pValue: number;
}

/**
 * Paired bootstrap test (Koehn 2004; Berg-Kirkpatrick, Burkett and Klein 2012): both systems are scored on the same
 * draws of records. Positive: the first is better.
 */
export function pairedDifference(
  records: number,
  first: (rows: readonly number[]) => number,
  second: (rows: readonly number[]) => number,
  { seed, resamples = 1_000 }: { seed: number; resamples?: number },
): Difference {
  let notBetter = 0;
  let draws = -1;
  const [interval] = bootstrapIntervals(
    records,
    (rows) => {
      const difference = first(rows) - second(rows);
      // The first call is on the records themselves.
      if (draws >= 0 && difference <= 0) notBetter += 1;
      draws += 1;
      return [difference];
    },
    { seed, resamples },
  );
  return { ...interval!, pValue: notBetter / resamples };
}
