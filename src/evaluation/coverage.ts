/**
 * What abstaining buys: the score of the texts that are answered, against their share. The curve answers the most
 * confident texts first (risk–coverage; El-Yaniv and Wiener 2010).
 */

import type { HeadTargets } from '../classifier/targets.ts';
import { bootstrapIntervals, type Interval } from './bootstrap.ts';

/** Of each record: how sure the decision is, and how good it was. */
export interface Judged {
  /**
   * Probability that the decision is wholly right: of the label chosen, or of the set decided, labels taken as
   * independent. [n]
   */
  confidence: Float64Array;
  /** One-of: 1 where right, else 0. Multi-label: F1 between the sets decided and true. [n] */
  score: Float64Array;
}

/** Confidence and score of the given rows, in their order. */
export function judge(
  probabilities: Float32Array,
  decisions: Uint8Array,
  { head, labels }: HeadTargets,
  rows: readonly number[],
): Judged {
  const width = head.labels.length;
  const confidence = new Float64Array(rows.length).fill(1);
  const score = new Float64Array(rows.length);
  for (const [i, row] of rows.entries()) {
    let [right, named] = [0, 0];
    for (let at = row * width; at < (row + 1) * width; at++) {
      if (decisions[at]) confidence[i]! *= probabilities[at]!;
      else if (head.kind === 'multi-label') confidence[i]! *= 1 - probabilities[at]!;
      right += decisions[at]! & labels[at]!;
      named += decisions[at]! + labels[at]!;
    }
    score[i] = named === 0 ? 0 : (2 * right) / named;
  }
  return { confidence, score };
}

export interface CoveragePoint {
  /** Share of the records answered. */
  coverage: number;
  /** The least confidence that is answered. */
  confidence: number;
  /** Mean score of the records answered. */
  score: Interval;
}

export interface Abstention {
  coverage: Interval;
  /** Mean score where the model answers, and where it abstains; left out where it never does. */
  answered?: Interval;
  abstained?: Interval;
}

export interface Coverage {
  curve: CoveragePoint[];
  /** Mean risk (1 − score) over all coverages: 0 is best. AURC; Geifman and El-Yaniv 2017. */
  areaUnderRisk: number;
  /** By the model's own abstention, where it is known. */
  own?: Abstention;
}

const STEPS = 20;
const mean = (total: number, count: number) => (count === 0 ? 0 : total / count);

/** @param abstains Whether the model abstains from each record: [n]. */
export function coverageOf(
  { confidence, score }: Judged,
  abstains: readonly boolean[] | undefined,
  { seed }: { seed: number },
): Coverage {
  const n = score.length;
  const order = Array.from(score.keys()).sort((a, b) => confidence[b]! - confidence[a]!);
  const rank = new Uint32Array(n);
  for (const [place, i] of order.entries()) rank[i] = place;
  const steps = Math.min(STEPS, n);
  /** How many records the k-th point answers. */
  const answered = Array.from({ length: steps }, (_, k) => Math.ceil((n * (k + 1)) / steps));
  const step = Uint32Array.from(rank, (place) => answered.findIndex((count) => place < count));

  const scores = (rows: readonly number[]) => {
    const totals = new Float64Array(steps);
    const counts = new Float64Array(steps);
    for (const i of rows) {
      totals[step[i]!]! += score[i]!;
      counts[step[i]!]! += 1;
    }
    let [total, count] = [0, 0];
    return Array.from(totals, (own, k) => {
      total += own;
      count += counts[k]!;
      return mean(total, count);
    });
  };
  const intervals = bootstrapIntervals(n, scores, { seed });
  let [area, running] = [0, 0];
  for (const [place, i] of order.entries()) {
    running += score[i]!;
    area += 1 - running / (place + 1);
  }
  return {
    curve: answered.map((count, k) => ({
      coverage: count / n,
      confidence: confidence[order[count - 1]!]!,
      score: intervals[k]!,
    })),
    areaUnderRisk: mean(area, n),
    ...(abstains === undefined ? {} : { own: abstention(score, abstains, seed) }),
  };
}

function abstention(score: Float64Array, abstains: readonly boolean[], seed: number): Abstention {
  const statistics = (rows: readonly number[]) => {
    const totals = [0, 0];
    const counts = [0, 0];
    for (const i of rows) {
      const side = abstains[i] ? 1 : 0;
      totals[side]! += score[i]!;
      counts[side]! += 1;
    }
    return [mean(counts[0]!, rows.length), mean(totals[0]!, counts[0]!), mean(totals[1]!, counts[1]!)];
  };
  const [coverage, answered, abstained] = bootstrapIntervals(score.length, statistics, { seed });
  return {
    coverage: coverage!,
    ...(coverage!.value > 0 ? { answered: answered! } : {}),
    ...(coverage!.value < 1 ? { abstained: abstained! } : {}),
  };
}
