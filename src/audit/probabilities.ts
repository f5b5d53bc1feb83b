/**
 * Probabilities of every label for every article, each from a fit that did not see the article or one like it: by words
 * alone, which 50,000 articles can afford, or by the classifier itself.
 */

import { calibrate, fitCalibration } from '../classifier/calibration.ts';
import { crossValidate, FOLDS } from '../classifier/cross-validation.ts';
import { splitHeads } from '../classifier/network.ts';
import { NGRAMS_PER_TEXT, sizedOptions } from '../classifier/prepare.ts';
import type { HeadTargets } from '../classifier/targets.ts';
import { createNgramWeigher, fitTfidf, leastTexts, type SparseRows } from '../classifier/tfidf.ts';
import { DEFAULT_TRAINING } from '../classifier/training-options.ts';
import type { Article } from '../dataset/article.ts';
import type { Taxonomy } from '../dataset/taxonomy.ts';
import { seededRandom } from '../random.ts';
import type { NgramOptions } from '../text/ngrams.ts';
import { fitRegression } from './regression.ts';

/** Single words: they tell topics apart as well as longer n-grams do, at a tenth of the time. No characters. */
const WORDS: NgramOptions = { words: [1, 1], characters: [1, 0], buckets: 2 ** 19 };

/** TF-IDF of words: [n, columns]. */
export function wordRows(texts: readonly string[]): SparseRows {
  return createNgramWeigher(fitTfidf(texts, leastTexts(texts.length), WORDS))(texts);
}

/** Rows read in one fit, over all its passes: fewer rows are read more often. */
const ROWS_READ = 50_000;
const PASSES = [4, 20] as const;

export interface WordsInput {
  data: SparseRows;
  targets: readonly HeadTargets[];
  /** Fold of each row; near-duplicates must share one. */
  folds: readonly number[];
  seed: number;
  onProgress?: (done: number, total: number) => void;
}

/** Probabilities [n, labels] of each head. Rows that do not know a head are not learnt from; they are predicted all the same. */
export function probabilitiesByWords({ data, targets, folds, seed, onProgress }: WordsInput): Float32Array[] {
  const count = folds.reduce((a, b) => Math.max(a, b), 0) + 1;
  const passes = Math.round(Math.min(PASSES[1], Math.max(PASSES[0], ROWS_READ / folds.length)));
  let done = 0;
  return targets.map((head) => {
    const width = head.head.labels.length;
    const probabilities = new Float32Array(folds.length * width);
    const out = new Float64Array(width);
    for (let fold = 0; fold < count; fold++) {
      const random = seededRandom(seed + fold);
      const rows = folds.flatMap((own, row) => (own !== fold && head.known[row] === 1 ? [row] : []));
      const { predict } = fitRegression(data, head, rows, passes, random);
      for (const [row, own] of folds.entries()) {
        if (own !== fold) continue;
        predict(row, out);
        probabilities.set(out, row * width);
      }
      onProgress?.(++done, count * targets.length);
    }
    return probabilities;
  });
}

export interface ClassifierInput {
  articles: readonly Article[];
  texts: readonly string[];
  /** Unit vectors of the texts, row-major [n, dim]. */
  vectors: Float32Array;
  dim: number;
  taxonomy: Taxonomy;
  targets: HeadTargets[];
  seed: number;
  onProgress?: (done: number, total: number) => void;
}

/** Calibrated probabilities [n, labels] of each head from the classifier that `npm run train` trains. */
export async function probabilitiesByClassifier(input: ClassifierInput): Promise<Float32Array[]> {
  const { articles, texts, vectors, dim, taxonomy, targets, seed, onProgress } = input;
  const ngrams = createNgramWeigher(fitTfidf(texts, leastTexts(texts.length)), NGRAMS_PER_TEXT)(texts);
  const options = { ...DEFAULT_TRAINING, ...sizedOptions(articles.length), seed };
  const onEpoch = (_: unknown, fold: number) => onProgress?.(fold, FOLDS);
  const context = { taxonomy, dim, options, onEpoch };
  const { logits } = (await crossValidate({ vectors, ngrams, targets }, articles, context))!;
  return splitHeads(logits, taxonomy).map((own, i) =>
    calibrate(own, targets[i]!.head, fitCalibration(own, targets[i]!)),
  );
}
