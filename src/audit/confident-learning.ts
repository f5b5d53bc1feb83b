/**
 * Confident learning (Northcutt, Jiang and Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels"):
 * a label is probably wrong where a held-out model gives another class at least the probability that it gives that class
 * on average where it is the label, and more than it gives the label. A multi-label head is judged label by label, each
 * against its absence. Articles are ranked by the likelihood of all their labels of a head together.
 */

import type { HeadTargets } from '../classifier/targets.ts';

export interface LabelError {
  row: number;
  /** The label in question, as an index into the head's labels. */
  label: number;
  /** Whether the article carries it. Always true in a one-of head. */
  given: boolean;
  /** Held-out probability of what is given (self-confidence), 0 to 1. */
  confidence: number;
  /** What should stand instead; in a multi-label head the same label, given or not the other way round. */
  suggested: number;
  /** Held-out probability of the suggestion. */
  suggestedConfidence: number;
}

export interface LabelErrors {
  /** By article, the least likely first; of one article, the least confident first. */
  errors: LabelError[];
  /** Logarithm of the held-out probability of all that is given to an article: [n]; 0 where the head is not known. */
  likelihood: Float64Array;
}

/** Classes of every example as probabilities [examples, classes] with the class each is given. */
interface Examples {
  classes: number;
  probability: (example: number, c: number) => number;
  given: Int32Array;
}

/** Average self-confidence of each class: t_j of the paper. A class without examples is never suggested. */
function thresholds({ classes, probability, given }: Examples): Float64Array {
  const sums = new Float64Array(classes);
  const counts = new Float64Array(classes);
  for (const [i, c] of given.entries()) {
    if (c < 0) continue;
    sums[c]! += probability(i, c);
    counts[c]! += 1;
  }
  return sums.map((sum, c) => (counts[c] === 0 ? Number.POSITIVE_INFINITY : sum / counts[c]!));
}

/** The class that each example is confidently in, −1 for none. */
function judge(examples: Examples): Int32Array {
  const { classes, probability, given } = examples;
  const least = thresholds(examples);
  return given.map((own, i) => {
    if (own < 0) return -1;
    let best = -1;
    for (let c = 0; c < classes; c++) {
      const isConfident = probability(i, c) >= least[c]!;
      if (isConfident && (best < 0 || probability(i, c) > probability(i, best))) best = c;
    }
    return best;
  });
}

/** No single label weighs more than this: a probability of 0 is the model's overconfidence. */
const LEAST = 1e-4;
const log = (probability: number) => Math.log(Math.max(LEAST, probability));

function findOneOf(probabilities: Float32Array, { head, labels, known }: HeadTargets): LabelErrors {
  const width = head.labels.length;
  const given = Int32Array.from(known, (isKnown, row) =>
    isKnown ? labels.subarray(row * width, (row + 1) * width).indexOf(1) : -1,
  );
  const probability = (row: number, c: number) => probabilities[row * width + c]!;
  const suggested = judge({ classes: width, probability, given });
  const errors: LabelError[] = [];
  for (const [row, other] of suggested.entries()) {
    const label = given[row]!;
    const [confidence, suggestedConfidence] = [probability(row, label), probability(row, other)];
    if (other < 0 || suggestedConfidence <= confidence) continue;
    errors.push({ row, label, given: true, confidence, suggested: other, suggestedConfidence });
  }
  const likelihood = Float64Array.from(given, (label, row) => (label < 0 ? 0 : log(probability(row, label))));
  return { errors, likelihood };
}

function findMultiLabel(probabilities: Float32Array, { head, labels, known }: HeadTargets): LabelErrors {
  const width = head.labels.length;
  const errors: LabelError[] = [];
  const likelihood = new Float64Array(known.length);
  for (let label = 0; label < width; label++) {
    const given = Int32Array.from(known, (isKnown, row) => (isKnown ? labels[row * width + label]! : -1));
    const probability = (row: number, c: number) => {
      const applies = probabilities[row * width + label]!;
      return c === 1 ? applies : 1 - applies;
    };
    const suggested = judge({ classes: 2, probability, given });
    for (const [row, own] of given.entries()) {
      if (own < 0) continue;
      const self = probability(row, own);
      likelihood[row]! += log(self);
      const other = suggested[row]!;
      if (other < 0 || other === own || self >= 0.5) continue;
      const place = { row, label, suggested: label };
      errors.push({ ...place, given: own === 1, confidence: self, suggestedConfidence: 1 - self });
    }
  }
  return { errors, likelihood };
}

/** Probable label errors of one head. @param probabilities Held-out probabilities [n, labels]. */
export function findLabelErrors(probabilities: Float32Array, targets: HeadTargets): LabelErrors {
  const find = targets.head.kind === 'one-of' ? findOneOf : findMultiLabel;
  const found = find(probabilities, targets);
  const { likelihood } = found;
  const errors = found.errors.sort(
    (a, b) => likelihood[a.row]! - likelihood[b.row]! || a.row - b.row || a.confidence - b.confidence,
  );
  return { ...found, errors };
}
