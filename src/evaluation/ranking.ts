/** How well scores rank the records that carry a label before those that do not; no threshold involved. */

/** Indices by falling score, cut into groups of equal score. */
export function* tiedGroups(scores: ArrayLike<number>): Generator<number[]> {
  const order = Array.from(scores, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  let group: number[] = [];
  for (const i of order) {
    if (group.length > 0 && scores[group[0]!] !== scores[i]) {
      yield group;
      group = [];
    }
    group.push(i);
  }
  if (group.length > 0) yield group;
}

/** Σ (Rₙ − Rₙ₋₁) · Pₙ over the thresholds, as scikit-learn's `average_precision_score`; 0 without positives. */
export function averagePrecision(scores: ArrayLike<number>, positive: ArrayLike<number>): number {
  let taken = 0;
  let found = 0;
  let sum = 0;
  for (const group of tiedGroups(scores)) {
    const hits = group.filter((i) => positive[i]).length;
    taken += group.length;
    found += hits;
    sum += hits * (found / taken);
  }
  return found === 0 ? 0 : sum / found;
}

/**
 * Area under the ROC curve: the chance that a positive record scores over a negative one, ties counting half (Mann and
 * Whitney 1947); 0.5 where one of the two is missing.
 */
export function rocAuc(scores: ArrayLike<number>, positive: ArrayLike<number>): number {
  let above = 0;
  let positives = 0;
  let pairs = 0;
  for (const group of tiedGroups(scores)) {
    const hits = group.filter((i) => positive[i]).length;
    const misses = group.length - hits;
    pairs += misses * (positives + hits / 2);
    positives += hits;
    above += misses;
  }
  return positives * above === 0 ? 0.5 : pairs / (positives * above);
}
