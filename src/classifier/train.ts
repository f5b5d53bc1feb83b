/** The main job without its files: labelled vectors in, a trained bundle's content out. */

import { type Article, articleText, type Split } from '../dataset/article.ts';
import type { Taxonomy } from '../dataset/taxonomy.ts';
import type { EncoderIdentity } from '../encoder/identity.ts';
import { RasidError } from '../errors.ts';
import type { BundleContent, Manifest } from './bundle.ts';
import { calibrate, fitCalibration } from './calibration.ts';
import { splitHeads } from './classifier.ts';
import { fitWithFolds, fitWithValidation } from './cross-validation.ts';
import { fitFamiliarity } from './familiarity.ts';
import { selectFeatures } from './features.ts';
import { DEFAULT_TRAINING, type Epoch, type LabelledFeatures, type TrainingOptions } from './fit.ts';
import { roundWide } from './ngram-file.ts';
import { countLabels, encodeTargets, type HeadTargets } from './targets.ts';
import { createNgramWeigher, fitTfidf, leastTexts, noNgrams } from './tfidf.ts';
import { type DemandedPrecision, fitThresholds } from './thresholds.ts';

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

export interface Trained extends BundleContent {
  heads: Manifest['heads'];
  ngrams: Manifest['ngrams'];
  minimumSimilarity: number;
  options: TrainingOptions;
  bestEpoch: number;
  counts: { train: number; validation: number };
  heldOut: Manifest['training']['heldOut'];
  /** What the user should know: labels that cannot be learnt, thresholds left at their default. */
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

/** The heaviest n-grams kept of one text. */
export const NGRAMS_PER_TEXT = 1_000;

/** With this many validation rows they alone serve to stop, calibrate and set thresholds. */
const ENOUGH_HELD_OUT = 2_000;

/** Steps per epoch grow with the data; so do the batches, up to 256 rows. */
const batchSizeFor = (rows: number) => Math.min(256, Math.max(16, 2 ** Math.round(Math.log2(rows / 16))));

/**
 * Trains on the train and validation splits; the test split is not read. Where the validation split is large, it alone
 * decides when to stop and tunes calibration and thresholds. Else cross-validation over both splits does, and the
 * final fit uses all their rows.
 * @throws RasidError `data-empty`, `training-impossible` or `threshold-unreachable`.
 */
export async function trainClassifier(input: TrainingInput): Promise<Trained> {
  const { articles, taxonomy, encoder, onEpoch, signal } = input;
  const { dim } = encoder;
  checkVectors(input.vectors, articles, dim);
  const [train, validation] = [rowsOf(articles, 'train'), rowsOf(articles, 'validation')];
  const rows = [...train, ...validation];
  const used = rows.map((row) => articles[row]!);
  const texts = used.map(articleText);
  const tfidf = input.ngrams ? fitTfidf(texts, leastTexts(texts.length)) : undefined;
  const data: LabelledFeatures = {
    ...selectFeatures({ vectors: input.vectors, ngrams: noNgrams(articles.length) }, rows, dim),
    ngrams: tfidf ? createNgramWeigher(tfidf, NGRAMS_PER_TEXT)(texts) : noNgrams(rows.length),
    targets: encodeTargets(used, taxonomy),
  };
  const separate = validation.length >= ENOUGH_HELD_OUT;
  const warnings = checkLabels(data.targets);
  const options: TrainingOptions = {
    ...DEFAULT_TRAINING,
    batchSize: batchSizeFor(train.length),
    ...input.options,
    seed: input.seed,
  };
  const context = { taxonomy, dim, options, onEpoch, signal };
  const { model, bestEpoch, heldOut, logits } = separate
    ? await fitWithValidation(data, train.length, context)
    : await fitWithFolds(data, used, context);
  const perHead = splitHeads(logits, taxonomy);
  const heads = heldOut.targets.map((targets, i) => {
    const calibration = fitCalibration(perHead[i]!, targets);
    const probabilities = calibrate(perHead[i]!, targets.head, calibration);
    const { thresholds, tuned } = fitThresholds(probabilities, targets, input.minPrecision);
    for (const [name, { threshold, precision, recall }] of Object.entries(tuned)) {
      warnings.push(
        `${name}: threshold ${threshold.toFixed(2)} gives held-out precision ${precision.toFixed(2)} at recall ${recall.toFixed(2)}`,
      );
    }
    return { calibration, thresholds };
  });
  const { centroids, minimum } = fitFamiliarity(data, heldOut.vectors, dim);
  return {
    network: model.network,
    wide: roundWide(model.wide),
    tfidf,
    centroids,
    heads,
    ngrams: tfidf && { ...tfidf.options, mostPerText: NGRAMS_PER_TEXT, columns: tfidf.buckets.length },
    minimumSimilarity: minimum,
    options,
    bestEpoch,
    counts: { train: train.length, validation: validation.length },
    heldOut: separate ? 'validation' : 'cross-validation',
    warnings,
  };
}
