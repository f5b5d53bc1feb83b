/** The main job without its files: labelled vectors in, a trained bundle's content out. */

import type * as tfl from '@tensorflow/tfjs-layers';
import type { Article, Split } from '../dataset/article.ts';
import type { Taxonomy } from '../dataset/taxonomy.ts';
import type { EncoderIdentity } from '../encoder/identity.ts';
import { RasidError } from '../errors.ts';
import type { Manifest } from './bundle.ts';
import { calibrate, fitCalibration } from './calibration.ts';
import { splitHeads } from './classifier.ts';
import { fitFamiliarity } from './familiarity.ts';
import {
  DEFAULT_TRAINING,
  type Epoch,
  fitNetwork,
  type LabelledVectors,
  type TrainingOptions,
} from './fit.ts';
import { predictLogits } from './network.ts';
import { countLabels, encodeTargets, type HeadTargets } from './targets.ts';
import { fitThresholds } from './thresholds.ts';

export interface TrainingInput {
  /** Articles with their splits; those without a split or without labels are refused. */
  articles: readonly Article[];
  /** One row per article: [n, dim]. */
  vectors: Float32Array;
  encoder: EncoderIdentity;
  taxonomy: Taxonomy;
  seed: number;
  options?: Partial<Omit<TrainingOptions, 'seed'>>;
  onEpoch?: (epoch: Epoch) => void | Promise<void>;
  signal?: AbortSignal;
}

export interface Trained {
  network: tfl.LayersModel;
  centroids: Float32Array;
  heads: Manifest['heads'];
  minimumSimilarity: number;
  options: TrainingOptions;
  bestEpoch: number;
  counts: { train: number; validation: number };
  /** What the user should know: labels that cannot be learnt, thresholds left at their default. */
  warnings: string[];
}

/** Rows of one split. @throws RasidError `data-empty` where the split holds none. */
export function selectSplit(
  input: Pick<TrainingInput, 'articles' | 'vectors' | 'taxonomy'>,
  split: Split,
  dim: number,
): LabelledVectors {
  const rows = input.articles.flatMap((article, i) => (article.split === split ? [i] : []));
  if (rows.length === 0) {
    throw new RasidError('data-empty', `split ${split}: holds no article`, {
      hint: 'Assign splits with `npm run split`.',
    });
  }
  const vectors = new Float32Array(rows.length * dim);
  for (const [i, row] of rows.entries())
    vectors.set(input.vectors.subarray(row * dim, (row + 1) * dim), i * dim);
  return {
    vectors,
    targets: encodeTargets(
      rows.map((row) => input.articles[row]!),
      input.taxonomy,
    ),
  };
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
function checkLabels(training: HeadTargets[], validation: HeadTargets[]): string[] {
  const warnings: string[] = [];
  for (const [i, targets] of training.entries()) {
    const { head } = targets;
    const counts = countLabels(targets);
    if (counts.filter((n) => n > 0).length < 2) {
      throw new RasidError(
        'training-impossible',
        `head ${head.id}: fewer than two of its labels occur in the training split`,
        {
          hint: 'Label more articles, or take the head out of the taxonomy.',
        },
      );
    }
    const held = countLabels(validation[i]!);
    for (const [k, label] of head.labels.entries()) {
      if (counts[k]! < 5)
        warnings.push(`${head.id}/${label.id}: only ${counts[k]} training examples; expect little`);
      else if (head.kind === 'multi-label' && held[k]! < 5) {
        warnings.push(
          `${head.id}/${label.id}: only ${held[k]} validation examples; its threshold stays at 0.5`,
        );
      }
    }
  }
  return warnings;
}

/**
 * Trains on the train split; stops, calibrates and sets thresholds on the validation split. The test split is not read.
 * @throws RasidError `data-empty` or `training-impossible`.
 */
export async function trainClassifier(input: TrainingInput): Promise<Trained> {
  const { taxonomy, encoder } = input;
  const { dim } = encoder;
  checkVectors(input.vectors, input.articles, dim);
  const training = selectSplit(input, 'train', dim);
  const validation = selectSplit(input, 'validation', dim);
  const warnings = checkLabels(training.targets, validation.targets);
  const options = { ...DEFAULT_TRAINING, ...input.options, seed: input.seed };
  const { network, bestEpoch } = await fitNetwork(
    training,
    validation,
    taxonomy,
    dim,
    options,
    input.onEpoch,
    input.signal,
  );
  const logits = splitHeads(predictLogits(network, validation.vectors, dim), taxonomy);
  const heads = validation.targets.map((targets, i) => {
    const calibration = fitCalibration(logits[i]!, targets);
    const probabilities = calibrate(logits[i]!, targets.head, calibration);
    return { calibration, thresholds: fitThresholds(probabilities, targets) };
  });
  const { centroids, minimum } = fitFamiliarity(training, validation.vectors, dim);
  const counts = { train: training.vectors.length / dim, validation: validation.vectors.length / dim };
  return { network, centroids, heads, minimumSimilarity: minimum, options, bestEpoch, counts, warnings };
}
