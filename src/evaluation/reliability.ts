/** Whether probabilities mean what they say. */

import type { HeadTargets } from '../classifier/targets.ts';
import { bootstrapIntervals, type Interval } from './bootstrap.ts';

export interface ReliabilityBin {
  /** Bounds of the probabilities in the bin. */
  from: number;
  to: number;
  records: number;
  /** Mean probability, and the share of events that came true; 0 in an empty bin. */
  predicted: number;
  observed: number;
}

const BINS = 10;

const emptyBins = (): ReliabilityBin[] =>
  Array.from({ length: BINS }, (_, i) => ({
    from: i / BINS,
    to: (i + 1) / BINS,
    records: 0,
    predicted: 0,
    observed: 0,
  }));

/** Adds one event; `predicted` and `observed` hold sums until `toMeans`. */
function addEvent(bins: ReliabilityBin[], probability: number, happened: boolean): void {
  const bin = bins[Math.min(BINS - 1, Math.floor(probability * BINS))]!;
  bin.records += 1;
  bin.predicted += probability;
  bin.observed += happened ? 1 : 0;
}

const toMeans = (bin: ReliabilityBin): ReliabilityBin => ({
  ...bin,
  predicted: bin.predicted / (bin.records || 1),
  observed: bin.observed / (bin.records || 1),
});

/** Probabilities of events in ten equal bins, beside how often the events came true. */
export function reliabilityBins(
  probabilities: ArrayLike<number>,
  happened: ArrayLike<number>,
): ReliabilityBin[] {
  const bins = emptyBins();
  for (let i = 0; i < probabilities.length; i++) addEvent(bins, probabilities[i]!, Boolean(happened[i]));
  return bins.map(toMeans);
}

/** Mean gap between probability and frequency over the bins, weighted by their records (Guo et al. 2017). */
export function expectedCalibrationError(bins: readonly ReliabilityBin[]): number {
  const records = bins.reduce((sum, bin) => sum + bin.records, 0);
  const gap = bins.reduce((sum, bin) => sum + bin.records * Math.abs(bin.predicted - bin.observed), 0);
  return records === 0 ? 0 : gap / records;
}

/** Mean squared gap between probability and event (Brier 1950). */
export function brierScore(probabilities: ArrayLike<number>, happened: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < probabilities.length; i++) sum += (probabilities[i]! - (happened[i] ? 1 : 0)) ** 2;
  return probabilities.length === 0 ? 0 : sum / probabilities.length;
}

export interface Calibration {
  /** Expected calibration error: of a one-of head's chosen label; of every label's probability in a multi-label head. */
  error: number;
  /**
   * Brier score. One-of: the squared gaps summed over the labels, 0 to 2, as Brier defined it. Multi-label: their mean
   * over the labels, 0 to 1.
   */
  brier: number;
  bins: ReliabilityBin[];
  intervals: { error: Interval; brier: Interval };
}

/** Calibration over the rows that know the head. */
export function measureCalibration(
  probabilities: Float32Array,
  decisions: Uint8Array,
  { head, labels, known }: HeadTargets,
  { seed }: { seed: number },
): Calibration {
  const width = head.labels.length;
  const rows = Array.from(known.keys()).filter((row) => known[row]);
  const judged = (at: number) => head.kind === 'multi-label' || decisions[at] === 1;
  const all = rows.map((row) => Array.from({ length: width }, (_, k) => row * width + k));
  const events = all.map((own) => own.filter(judged));
  const figures = (drawn: readonly number[]) => {
    const bins = emptyBins();
    let gaps = 0;
    for (const i of drawn) {
      for (const at of events[i]!) addEvent(bins, probabilities[at]!, labels[at] === 1);
      for (const at of all[i]!) gaps += (probabilities[at]! - labels[at]!) ** 2;
    }
    const brier = gaps / (drawn.length * (head.kind === 'one-of' ? 1 : width) || 1);
    return { error: expectedCalibrationError(bins.map(toMeans)), brier };
  };
  const statistics = (drawn: readonly number[]) => Object.values(figures(drawn));
  const [error, brier] = bootstrapIntervals(rows.length, statistics, { seed, correctBias: true });
  const flat = events.flat();
  return {
    error: error!.value,
    brier: brier!.value,
    bins: reliabilityBins(
      flat.map((at) => probabilities[at]!),
      flat.map((at) => labels[at]!),
    ),
    intervals: { error: error!, brier: brier! },
  };
}
