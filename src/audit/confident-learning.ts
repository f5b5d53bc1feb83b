/**
 * Confident learning (Northcutt, Jiang and Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels"):
 * a label is probably wrong where a held-out model gives another class at least the probability that it gives that class
 * on average where it is the label, and more than it gives the label. A multi-label head is judged label by label, each
 * against its absence. Articles are ranked by their margin, as cleanlab ranks them: how much more likely the least likely of the
 * given labels is than the likeliest of the others.
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
  /** What should stand instead; the same label where it should only come or go. */
  suggested: number;
  /** Held-out probability of the suggestion. */
  suggestedConfidence: number;
}

export interface LabelErrors {
  /** By article, the least margin first; of one article, the least confident first. */
  errors: LabelError[];
  /** [n], −1 to 1; 1 where the head is not known. */
  margin: Float64Array;
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

interface Margin {
  /** The given label of least probability and the other one of greatest; −1 where there is none. */
  given: number;
  other: number;
  /** Their difference. */
  value: number;
}

function marginOf(probabilities: Float32Array, { head, labels, known }: HeadTargets, row: number): Margin {
  const width = head.labels.length;
  const at = (label: number, none: number) => (label < 0 ? none : probabilities[row * width + label]!);
  let [given, other] = [-1, -1];
  for (let label = 0; label < width && known[row]; label++) {
    const p = at(label, 0);
    if (labels[row * width + label]) given = p < at(given, 2) ? label : given;
    else other = p > at(other, -1) ? label : other;
  }
  return { given, other, value: at(given, 1) - at(other, 0) };
}

function findOneOf(probabilities: Float32Array, { head, labels, known }: HeadTargets): LabelError[] {
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
  return errors;
}

function findMultiLabel(probabilities: Float32Array, { head, labels, known }: HeadTargets): LabelError[] {
  const width = head.labels.length;
  const errors: LabelError[] = [];
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
      const other = suggested[row]!;
      if (other < 0 || other === own || self >= 0.5) continue;
      const place = { row, label, suggested: label };
      errors.push({ ...place, given: own === 1, confidence: self, suggestedConfidence: 1 - self });
    }
  }
  return errors;
}

/** Probable label errors of one head. @param probabilities Held-out probabilities [n, labels]. */
export function findLabelErrors(probabilities: Float32Array, targets: HeadTargets): LabelErrors {
  const find = targets.head.kind === 'one-of' ? findOneOf : findMultiLabel;
  const margins = Array.from(targets.known, (_, row) => marginOf(probabilities, targets, row));
  const errors = find(probabilities, targets);
  // Two labels that the model would rather see exchanged are worth a look, if it is sure of neither.
  const found = new Set(errors.map(({ row }) => row));
  for (const [row, { given, other, value }] of margins.entries()) {
    if (value >= 0 || found.has(row)) continue;
    const probability = (label: number) => probabilities[row * targets.head.labels.length + label]!;
    const [confidence, suggestedConfidence] = [probability(given), probability(other)];
    errors.push({ row, label: given, given: true, confidence, suggested: other, suggestedConfidence });
  }
  const margin = Float64Array.from(margins, ({ value }) => value);
  errors.sort((a, b) => margin[a.row]! - margin[b.row]! || a.row - b.row || a.confidence - b.confidence);
  return { errors, margin };
}
