/** Whether probabilities mean what they say. */

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

/** Probabilities of events in ten equal bins, beside how often the events came true. */
export function reliabilityBins(
  probabilities: ArrayLike<number>,
  happened: ArrayLike<number>,
): ReliabilityBin[] {
  const bins = Array.from({ length: BINS }, (_, i) => ({
    from: i / BINS,
    to: (i + 1) / BINS,
    records: 0,
    predicted: 0,
    observed: 0,
  }));
  for (let i = 0; i < probabilities.length; i++) {
    const bin = bins[Math.min(BINS - 1, Math.floor(probabilities[i]! * BINS))]!;
    bin.records += 1;
    bin.predicted += probabilities[i]!;
    bin.observed += happened[i] ? 1 : 0;
  }
  return bins.map((bin) => ({
    ...bin,
    predicted: bin.predicted / (bin.records || 1),
    observed: bin.observed / (bin.records || 1),
  }));
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
