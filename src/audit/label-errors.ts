/** Labels that are probably wrong, with the evidence: what a held-out model says, and how the most similar texts are labelled. */

import { encodeTargets } from '../classifier/targets.ts';
import type { SparseRows } from '../classifier/tfidf.ts';
import { labelsOf } from '../dataset/article.ts';
import { strata, stratify } from '../dataset/stratify.ts';
import type { Taxonomy } from '../dataset/taxonomy.ts';
import { seededRandom } from '../random.ts';
import { findLabelErrors, type LabelError, type LabelErrors } from './confident-learning.ts';
import type { Corpus } from './corpus.ts';
import { crossValidate, withVectors, wordRows } from './probabilities.ts';
import { excerpt, type Finding } from './report.ts';

const FOLDS = 5;
/** Findings that are shown their most similar texts: looking them up takes time. */
const WITH_NEIGHBOURS = 100;
const NEIGHBOURS = 3;

export interface LabelErrorInput {
  corpus: Corpus;
  taxonomy: Taxonomy;
  /** Indices in groups of near-duplicates, each index once: a group shares a fold. */
  groups: readonly (readonly number[])[];
  /** The encoder's vectors [n, dim]: they help most where texts are few. */
  vectors?: { values: Float32Array; dim: number };
  seed: number;
  onProgress?: (done: number, total: number) => void;
}

export interface HeadErrors extends LabelErrors {
  head: string;
  /** Held-out probabilities [n, labels]. */
  probabilities: Float32Array;
}

/** Probable label errors of every head, over cross-validated probabilities. */
export function rankLabelErrors(input: LabelErrorInput): { heads: HeadErrors[]; rows: SparseRows } {
  const { corpus, taxonomy, groups, vectors, seed } = input;
  const { articles, texts } = corpus;
  const targets = encodeTargets(articles, taxonomy);
  const folds = stratify(
    groups,
    articles.map((article) => strata(article, taxonomy)),
    new Array<number>(FOLDS).fill(1 / FOLDS),
    articles.map(() => undefined),
    seededRandom(seed),
  );
  const words = wordRows(texts);
  const data = vectors === undefined ? words : withVectors(words, vectors.values, vectors.dim);
  const progress = input.onProgress === undefined ? {} : { onProgress: input.onProgress };
  const all = crossValidate({ data, targets, folds, seed, ...progress });
  const heads = targets.map((own, i) => {
    const probabilities = all[i]!;
    return { head: own.head.id, probabilities, ...findLabelErrors(probabilities, own) };
  });
  return { heads, rows: data };
}

/** The rows most like one row, by the cosine of their features, the most similar first. */
function findSimilar(data: SparseRows, row: number): { row: number; similarity: number }[] {
  const { offsets, indices, values, columns } = data;
  const query = new Float32Array(columns);
  const norm = (of: number) => {
    let sum = 0;
    for (let i = offsets[of]!; i < offsets[of + 1]!; i++) sum += values[i]! * values[i]!;
    return Math.sqrt(sum) || 1;
  };
  for (let i = offsets[row]!; i < offsets[row + 1]!; i++) query[indices[i]!] = values[i]!;
  const best: { row: number; similarity: number }[] = [];
  const own = norm(row);
  for (let other = 0; other + 1 < offsets.length; other++) {
    if (other === row) continue;
    let dot = 0;
    for (let i = offsets[other]!; i < offsets[other + 1]!; i++) dot += query[indices[i]!]! * values[i]!;
    if (best.length === NEIGHBOURS && dot <= best.at(-1)!.similarity * own * norm(other)) continue;
    best.push({ row: other, similarity: dot / (own * norm(other)) });
    best.sort((a, b) => b.similarity - a.similarity);
    best.length = Math.min(best.length, NEIGHBOURS);
  }
  return best;
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;

/** `sports is given, 3 % likely; economy is not, 88 %` */
function describe(errors: readonly LabelError[], names: readonly string[], isOneOf: boolean): string {
  return errors
    .map(({ label, given, confidence, suggested, suggestedConfidence }) => {
      if (isOneOf)
        return `${names[label]} is given, ${percent(confidence)} likely; ${names[suggested]} ${percent(suggestedConfidence)}`;
      return given
        ? `${names[label]} is given, ${percent(confidence)} likely`
        : `${names[label]} is not given, ${percent(suggestedConfidence)} likely`;
    })
    .join('; ');
}

/** One finding for each article and head, the least likely first. */
export function labelErrorFindings(
  { articles, texts }: Corpus,
  taxonomy: Taxonomy,
  heads: readonly HeadErrors[],
  rows: SparseRows,
): Finding[] {
  const ranked = heads.flatMap(({ head, errors, likelihood }) => {
    const byRow = new Map<number, LabelError[]>();
    for (const error of errors) byRow.set(error.row, [...(byRow.get(error.row) ?? []), error]);
    return [...byRow].map(([row, own]) => ({ head, row, own, likelihood: likelihood[row]! }));
  });
  ranked.sort((a, b) => a.likelihood - b.likelihood);
  return ranked.map(({ head: id, row, own, likelihood }, rank) => {
    const head = taxonomy.heads.find((one) => one.id === id)!;
    const names = head.labels.map((label) => label.id);
    const similar = rank < WITH_NEIGHBOURS ? findSimilar(rows, row) : [];
    const neighbours = similar.map(({ row: other, similarity }) => ({
      id: articles[other]!.id,
      similarity,
      labels: labelsOf(articles[other]!, id) ?? [],
    }));
    const like = neighbours.map(({ id: other, labels }) => `${other} (${labels.join(', ')})`).join('; ');
    const message = `${id}: ${describe(own, names, head.kind === 'one-of')}`;
    return {
      ids: [articles[row]!.id],
      message: like === '' ? message : `${message}. Most similar: ${like}`,
      quote: excerpt(texts[row]!),
      details: {
        head: id,
        likelihood,
        labels: own.map(({ label, given, confidence, suggested, suggestedConfidence }) => ({
          label: names[label],
          given,
          confidence,
          suggested: names[suggested],
          suggestedConfidence,
        })),
        neighbours,
      },
    };
  });
}
