/** Fits networks and wide parts together: early stopping on held-out loss, and several fits made one. */

import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Taxonomy } from '../dataset/taxonomy.ts';
import { tf } from '../tensorflow.ts';
import { fitTemperature } from './calibration.ts';
import { meanOf, mergeModels } from './ensemble.ts';
import type { LabelledFeatures } from './features.ts';
import { createLearner } from './learner.ts';
import { batchTargets, classWeights, maskedLoss } from './loss.ts';
import { type Model, modelLogits } from './model.ts';
import { splitHeads } from './network.ts';
import type { HeadTargets } from './targets.ts';
import type { TrainingOptions } from './training-options.ts';

export interface Epoch {
  epoch: number;
  epochs: number;
  trainingLoss: number;
  /** Of the held-out rows, where there are any; one-of heads at their best temperature. */
  heldOutLoss?: number;
}

export interface Fit extends Model {
  history: Epoch[];
  /** The epoch whose weights are kept: the one of least held-out loss, else the last. */
  bestEpoch: number;
  /** Held-out logits [n, width] after each epoch. */
  heldOutLogits: Float32Array[];
}

export interface FitCallbacks {
  /** Called after each epoch; may return a promise, which is awaited (so that a bar can draw). */
  onEpoch?: ((epoch: Epoch) => void | Promise<void>) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Mean loss of logits [n, width] over all rows, those of one-of heads at the temperature that suits them best. Calibration
 * sets their scale in the end, so an epoch is not chosen for it, only for what it tells apart (Berta et al. 2025, "refine,
 * then calibrate"). The asymmetric loss of multi-label heads has a scale of its own and is left alone.
 */
function heldOutLoss(
  logits: Float32Array,
  targets: HeadTargets[],
  weights: readonly Tensor1D[],
  taxonomy: Taxonomy,
): number {
  const scales = splitHeads(logits, taxonomy).flatMap((own, i) => {
    const { head } = targets[i]!;
    const scale = head.kind === 'one-of' ? 1 / fitTemperature(own, targets[i]!) : 1;
    return head.labels.map(() => scale);
  });
  return tf.tidy(() => {
    const z = tf.mul(tf.tensor2d(logits, [logits.length / scales.length, scales.length]), scales);
    return maskedLoss(z as Tensor2D, batchTargets(targets), weights, taxonomy).dataSync()[0]!;
  });
}

/** Seeds of an ensemble's fits lie this far apart: one fit uses a few in a row. */
const SEEDS_APART = 1_000;

/**
 * Trains `options.fits` networks and their wide parts side by side; what comes out is their mean, each the average of its
 * weights over the last steps. The same seed, data and backend give the same weights, byte for byte.
 * @param heldOut Rows that decide when to stop; without them all `maxEpochs` are run.
 */
export async function fitModel(
  training: LabelledFeatures,
  heldOut: LabelledFeatures | undefined,
  taxonomy: Taxonomy,
  dim: number,
  options: TrainingOptions,
  { onEpoch, signal }: FitCallbacks = {},
): Promise<Fit> {
  const weights = training.targets.map((targets) => tf.tensor1d(classWeights(targets)));
  const learners = Array.from({ length: options.fits }, (_, i) =>
    createLearner(training, options.seed + i * SEEDS_APART, { taxonomy, dim, options, weights }),
  );
  const models = learners.map(({ average }) => average);
  const rows = training.vectors.length / dim;
  const patience = Math.max(2, Math.ceil(options.patience / rows));
  const history: Epoch[] = [];
  const heldOutLogits: Float32Array[] = [];
  const best = createBestKeeper(models);
  try {
    for (let epoch = 1; epoch <= options.maxEpochs; epoch++) {
      const losses = learners.map((learner) => learner.learnEpoch(signal));
      const trainingLoss = losses.reduce((a, b) => a + b, 0) / losses.length;
      const entry: Epoch = { epoch, epochs: options.maxEpochs, trainingLoss };
      if (heldOut !== undefined) {
        const logits = meanOf(models.map((model) => modelLogits(model, heldOut, dim)));
        heldOutLogits.push(logits);
        entry.heldOutLoss = heldOutLoss(logits, heldOut.targets, weights, taxonomy);
        best.offer(epoch, entry.heldOutLoss);
      }
      history.push(entry);
      await onEpoch?.(entry);
      if (heldOut !== undefined && epoch - best.epoch() >= patience) break;
    }
    const bestEpoch = heldOut === undefined ? history.length : best.restore();
    return { ...mergeModels(models, taxonomy, dim), history, bestEpoch, heldOutLogits };
  } finally {
    for (const learner of learners) learner.dispose();
    best.dispose();
    tf.dispose(weights);
  }
}

/** Keeps the weights of the epoch with the least loss. */
function createBestKeeper(models: readonly Model[]) {
  let kept: { network: Tensor[]; wide: Float32Array }[] = [];
  let bestEpoch = 0;
  let bestLoss = Number.POSITIVE_INFINITY;
  const dispose = () => {
    for (const { network } of kept) tf.dispose(network);
  };
  return {
    epoch: () => bestEpoch,
    offer(epoch: number, loss: number) {
      if (loss >= bestLoss) return;
      dispose();
      kept = models.map(({ network, wide }) => ({
        network: network.getWeights().map((w) => w.clone()),
        wide: wide.weights.slice(),
      }));
      bestLoss = loss;
      bestEpoch = epoch;
    },
    /** Puts the best weights back. @returns Their epoch. */
    restore(): number {
      for (const [i, { network, wide }] of models.entries()) {
        network.setWeights(kept[i]!.network);
        wide.weights.set(kept[i]!.wide);
      }
      return bestEpoch;
    },
    dispose,
  };
}
