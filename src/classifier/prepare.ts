/** What every fit reads: features and targets of the train and validation splits, checked. */

import { type Article, articleText, type Split } from '../dataset/article.ts';
import type { Taxonomy } from '../dataset/taxonomy.ts';
import type { EncoderIdentity } from '../encoder/identity.ts';
import { RasidError } from '../errors.ts';
import { type LabelledFeatures, selectFeatures } from './features.ts';
import type { Epoch } from './fit.ts';
import { countLabels, encodeTargets, type HeadTargets } from './targets.ts';
import { createNgramWeigher, fitTfidf, leastTexts, noNgrams, type Tfidf } from './tfidf.ts';
import type { DemandedPrecision } from './thresholds.ts';
import { DEFAULT_TRAINING, type TrainingOptions } from './training-options.ts';

export interface TrainingInput {
  /** Articles; those of the splits `train` and `validation` are used. */
  articles: readonly Article[];
  /** One row per article: [n, dim]. */
  vectors: Float32Array;
  encoder: EncoderIdentity;
  taxonomy: Taxonomy;
  seed: number;
  /** Whether n-grams of the texts are used beside their vectors. */
  ngrams: boolean;
  options?: Partial<Omit<TrainingOptions, 'seed'>>;
  /** Held-out precision that labels must reach, at whatever recall is left. */
  minPrecision?: DemandedPrecision;
  /** `run` counts the fits: those on folds, then the last on everything. */
  onEpoch?: (epoch: Epoch, run: number, runs: number) => void | Promise<void>;
  signal?: AbortSignal;
}

export interface Prepared {
  /** Rows of the train split, then those of the validation split. */
  data: LabelledFeatures;
  /** The rows' articles. */
  articles: Article[];
  counts: { train: number; validation: number };
  /** Whether the validation split alone serves to stop, calibrate and set thresholds; else cross-validation does. */
  separate: boolean;
  tfidf: Tfidf | undefined;
  options: TrainingOptions;
  /** What the user should know of the data. */
  warnings: string[];
}

/** Rows of one split. @throws RasidError `data-empty` where the split holds none. */
export function rowsOf(articles: readonly Article[], split: Split): number[] {
  const rows = articles.flatMap((article, i) => (article.split === split ? [i] : []));
  if (rows.length > 0) return rows;
  throw new RasidError('data-empty', `split ${split}: holds no article`, {
    hint: 'Assign splits with `npm run split`.',
  });
}

function checkVectors(vectors: Float32Array, articles: readonly Article[], dim: number): void {
  if (vectors.length !== articles.length * dim) {
    throw new RasidError(
      'training-impossible',
      `${articles.length} articles need ${articles.length * dim} vector components, got ${vectors.length}`,
    );
  }
  const bad = vectors.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) {
    throw new RasidError(
      'training-impossible',
      `the vector of article ${articles[Math.floor(bad / dim)]!.id} holds a value that is no finite number`,
    );
  }
}

/** A head needs two labels that occur; a label needs examples to be learnt and to have its threshold tuned. */
function checkLabels(data: HeadTargets[]): string[] {
  const warnings: string[] = [];
  for (const targets of data) {
    const { head } = targets;
    const counts = countLabels(targets);
    if (counts.filter((n) => n > 0).length < 2) {
      throw new RasidError(
        'training-impossible',
        `head ${head.id}: fewer than two of its labels occur in the splits train and validation`,
        {
          hint: 'Label more articles, or take the head out of the taxonomy.',
        },
      );
    }
    for (const [k, label] of head.labels.entries()) {
      if (counts[k]! < 5) {
        const examples = counts[k] === 1 ? 'example' : 'examples';
        warnings.push(
          `${head.id}/${label.id}: only ${counts[k]} training ${examples}; expect little, its threshold stays at 0.5`,
        );
      }
    }
  }
  return warnings;
}

/** The heaviest n-grams kept of one text: nearly all of an article of 2,000 characters, the most of longer ones. */
export const NGRAMS_PER_TEXT = 2_500;

/** With this many validation rows they alone serve to stop, calibrate and set thresholds. */
const ENOUGH_HELD_OUT = 2_000;

/** Rows that one fit may read in all its epochs: small corpora need many epochs, large ones few. */
const ROWS_PER_FIT = 300_000;
const FEWEST_EPOCHS = 8;

/** Options are told in model cards: two significant digits say all there is to say. */
export const twoDigits = (x: number) => Number(x.toPrecision(2));

/** With as many rows or more the wide part's own loss has its full weight: from few texts n-grams cannot learn to stand alone. */
const ROWS_FOR_WIDE_LOSS = 1_500;

/** From as many rows on each n-gram is met so often that a quarter of them in each step teaches as much as half. */
const ROWS_FOR_WIDE_DROPOUT = 20_000;
const WIDE_DROPOUT_OF_MANY = 0.75;

/** The options that depend on the training rows: larger batches, fewer epochs and more demands on n-grams where there are many. */
export function sizedOptions(
  rows: number,
): Pick<TrainingOptions, 'batchSize' | 'maxEpochs' | 'wideLossWeight' | 'wideDropout'> {
  return {
    wideDropout: rows < ROWS_FOR_WIDE_DROPOUT ? DEFAULT_TRAINING.wideDropout : WIDE_DROPOUT_OF_MANY,
    wideLossWeight: twoDigits(DEFAULT_TRAINING.wideLossWeight * Math.min(1, rows / ROWS_FOR_WIDE_LOSS)),
    batchSize: Math.min(256, Math.max(16, 2 ** Math.round(Math.log2(rows / 16)))),
    maxEpochs: Math.min(DEFAULT_TRAINING.maxEpochs, Math.max(FEWEST_EPOCHS, Math.floor(ROWS_PER_FIT / rows))),
  };
}

/**
 * The data of the train and validation splits with the options of their fits; the test split is not read.
 * @throws RasidError `data-empty` or `training-impossible`.
 */
export function prepareTraining(input: TrainingInput): Prepared {
  const { articles, vectors, taxonomy, encoder } = input;
  checkVectors(vectors, articles, encoder.dim);
  const [train, validation] = [rowsOf(articles, 'train'), rowsOf(articles, 'validation')];
  const rows = [...train, ...validation];
  const used = rows.map((row) => articles[row]!);
  const texts = used.map(articleText);
  const tfidf = input.ngrams ? fitTfidf(texts, leastTexts(texts.length)) : undefined;
  const data: LabelledFeatures = {
    ...selectFeatures({ vectors, ngrams: noNgrams(articles.length) }, rows, encoder.dim),
    ngrams: tfidf ? createNgramWeigher(tfidf, NGRAMS_PER_TEXT)(texts) : noNgrams(rows.length),
    targets: encodeTargets(used, taxonomy),
  };
  return {
    data,
    articles: used,
    counts: { train: train.length, validation: validation.length },
    separate: validation.length >= ENOUGH_HELD_OUT,
    tfidf,
    warnings: checkLabels(data.targets),
    options: {
      ...DEFAULT_TRAINING,
      ...sizedOptions(train.length),
      ...input.options,
      seed: input.seed,
    },
  };
}
