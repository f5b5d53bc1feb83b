/**
 * What to label next: texts that the classifier is unsure of and that are unlike each other. Farthest-first choice
 * (k-centre greedy; Sener and Savarese 2018, "Active Learning for Convolutional Neural Networks") over the most uncertain texts,
 * with each distance weighted by uncertainty, so that neither odd but clear texts nor many of one kind are chosen.
 */

import type { Prediction } from '../classifier/classifier.ts';
import type { Taxonomy } from '../dataset/taxonomy.ts';

/** Candidates for each text chosen: only the most uncertain compete. */
const CANDIDATES = 10;

/** Entropy of a distribution as a share of the greatest possible, 0 to 1. */
function entropy(probabilities: readonly number[]): number {
  const nats = probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
  return nats / Math.log(probabilities.length);
}

/**
 * How unsure the classifier is, 0 to 1: the mean over the heads of a one-of head's entropy, and of the entropy of a
 * multi-label head's least certain label.
 */
export function uncertainty({ heads }: Prediction, taxonomy: Taxonomy): number {
  const each = taxonomy.heads.map(({ id, kind }) => {
    const scores = heads[id]!.scores.map(({ score }) => score);
    return kind === 'one-of'
      ? entropy(scores.map((score) => score / scores.reduce((a, b) => a + b, 0)))
      : Math.max(...scores.map((score) => entropy([score, 1 - score])));
  });
  return each.reduce((a, b) => a + b, 0) / each.length;
}

export interface Suggestion {
  row: number;
  /** 0 to 1. */
  uncertainty: number;
  /** Cosine distance to the nearest text that is labelled or was chosen before, 0 to 2; 1 where there is none. */
  distance: number;
}

export interface SuggestInput {
  /** Unit vectors of the candidates, row-major [n, dim]. */
  vectors: Float32Array;
  dim: number;
  /** Of each candidate. */
  uncertainties: readonly number[];
  /** Unit vectors of texts that are labelled already, row-major [m, dim]. */
  labelled?: Float32Array;
  count: number;
}

/** The rows most worth labelling, the most valuable first; all rows where `count` is not less than their number. */
export function suggestRows({ vectors, dim, uncertainties, labelled, count }: SuggestInput): Suggestion[] {
  const pool = [...uncertainties.keys()]
    .sort((a, b) => uncertainties[b]! - uncertainties[a]! || a - b)
    .slice(0, count * CANDIDATES);
  const distance = new Map(pool.map((row) => [row, labelled?.length ? Number.POSITIVE_INFINITY : 1]));
  /** Brings the candidates' distances up to date with one more text, `from[at]`. */
  const approach = (from: Float32Array, at: number) => {
    for (const [row, known] of distance) {
      let dot = 0;
      for (let d = 0; d < dim; d++) dot += vectors[row * dim + d]! * from[at * dim + d]!;
      if (1 - dot < known) distance.set(row, 1 - dot);
    }
  };
  for (let at = 0; at * dim < (labelled?.length ?? 0); at++) approach(labelled!, at);
  const chosen: Suggestion[] = [];
  while (chosen.length < count && distance.size > 0) {
    const value = (row: number) => uncertainties[row]! * distance.get(row)!;
    const best = [...distance.keys()].reduce((a, b) => (value(b) > value(a) ? b : a));
    chosen.push({ row: best, uncertainty: uncertainties[best]!, distance: Math.max(0, distance.get(best)!) });
    distance.delete(best);
    approach(vectors, best);
  }
  return chosen;
}
