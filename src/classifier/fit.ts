/** Fits network and wide part together: mini-batches, AdamW and Adagrad, early stopping on held-out loss. */

import type { Optimizer, Tensor, Tensor1D, Tensor2D, Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Taxonomy } from '../dataset/taxonomy.ts';
import { type Random, seededRandom } from '../random.ts';
import { tf } from '../tensorflow.ts';
import { averageWeights } from './averaging.ts';
import { fitTemperature } from './calibration.ts';
import { type Features, selectFeatures } from './features.ts';
import { classWeights, maskedLoss } from './loss.ts';
import { type Model, modelLogits } from './model.ts';
import { buildNetwork, inputScale, outputWidth, splitHeads } from './network.ts';
import { type HeadTargets, selectTargets } from './targets.ts';
import { createWideTrainer, type WideTrainingOptions } from './wide.ts';

export interface TrainingOptions extends WideTrainingOptions {
  seed: number;
  /** Hidden layers of the network. */
  depth: number;
  /** Units of each hidden layer. */
  hidden: number;
  /** Share of the vectors' components left out of each step. */
  dropout: number;
  /** Weight of the wide part's own loss beside that of the whole model, so that n-grams learn to do without the vector. */
  wideLossWeight: number;
  learningRate: number;
  /** Decoupled weight decay per step, as a share of the learning rate (Loshchilov and Hutter 2019). */
  weightDecay: number;
  batchSize: number;
  /** What is kept of the averaged weights when a sample joins them; 0: the last sample alone counts. */
  averageDecay: number;
  maxEpochs: number;
  /** Rows read without a better held-out loss before training stops, two epochs at least. */
  patience: number;
}

export const DEFAULT_TRAINING: Omit<TrainingOptions, 'seed'> = {
  depth: 1,
  hidden: 128,
  dropout: 0.4,
  wideLossWeight: 0.5,
  learningRate: 6e-3,
  weightDecay: 2,
  wideLearningRate: 0.13,
  wideDropout: 0.5,
  batchSize: 128,
  averageDecay: 0.95,
  maxEpochs: 60,
  patience: 1_000,
};

/** Features with what is known of each row. */
export interface LabelledFeatures extends Features {
  targets: HeadTargets[];
}

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

/** The given rows, in that order. */
export function selectLabelled(
  data: LabelledFeatures,
  rows: readonly number[],
  dim: number,
): LabelledFeatures {
  return {
    ...selectFeatures(data, rows, dim),
    targets: data.targets.map((targets) => selectTargets(targets, rows)),
  };
}

const targetTensors = (targets: readonly HeadTargets[]) =>
  targets.map(({ head, labels, known }) => ({
    labels: tf.tensor2d(Float32Array.from(labels), [known.length, head.labels.length]),
    known: tf.tensor1d(Float32Array.from(known)),
  }));

/**
 * Mean loss of logits [n, width] over all rows, those of one-of heads at the temperature that suits them best. Calibration
 * sets their scale in the end, so an epoch is not chosen for it, only for what it tells apart (Berta et al. 2025, "refine,
 * then calibrate"). The asymmetric loss of multi-label heads has a scale of its own and is left alone.
 */
function heldOutLoss(
  logits: Float32Array,
  targets: HeadTargets[],
  weights: Tensor1D[],
  taxonomy: Taxonomy,
): number {
  const scales = splitHeads(logits, taxonomy).flatMap((own, i) => {
    const { head } = targets[i]!;
    const scale = head.kind === 'one-of' ? 1 / fitTemperature(own, targets[i]!) : 1;
    return head.labels.map(() => scale);
  });
  return tf.tidy(() => {
    const z = tf.mul(tf.tensor2d(logits, [logits.length / scales.length, scales.length]), scales);
    return maskedLoss(z as Tensor2D, targetTensors(targets), weights, taxonomy).dataSync()[0]!;
  });
}

interface StepContext {
  network: LayersModel;
  optimizer: Optimizer;
  wideLossWeight: number;
  /** Class weights, one tensor per head. */
  weights: Tensor1D[];
  taxonomy: Taxonomy;
  dim: number;
}

/** Loss of one batch, after a step of the network; returns the gradient by the wide logits for the wide part's step. */
function stepNetwork(
  batch: LabelledFeatures,
  wideLogits: Float32Array,
  { network, optimizer, wideLossWeight, weights, taxonomy, dim }: StepContext,
): { loss: number; gradient: Float32Array } {
  const rows = batch.vectors.length / dim;
  return tf.tidy(() => {
    const x = tf.mul(tf.tensor2d(batch.vectors, [rows, dim]), inputScale(dim));
    const targets = targetTensors(batch.targets);
    const wide = tf.variable(tf.tensor2d(wideLogits, [rows, wideLogits.length / rows]));
    const lossOf = (logits: Tensor) => maskedLoss(logits as Tensor2D, targets, weights, taxonomy);
    const { value, grads } = tf.variableGrads(() => {
      const logits = network.apply(x, { training: true }) as Tensor2D;
      return tf.add(lossOf(tf.add(logits, wide)), tf.mul(lossOf(wide), wideLossWeight));
    });
    const { [wide.name]: byWide, ...byWeights } = grads;
    optimizer.applyGradients(byWeights);
    const result = { loss: value.dataSync()[0]!, gradient: byWide!.dataSync() as Float32Array };
    wide.dispose();
    return result;
  });
}

/**
 * Trains a network and its wide part; what comes out is the average of their weights. The same seed, data and backend
 * give the same weights, byte for byte.
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
  const random = seededRandom(options.seed);
  const shape = { dim, depth: options.depth, hidden: options.hidden };
  const network = buildNetwork(shape, taxonomy, options.seed);
  const trainer = createWideTrainer(training.ngrams, outputWidth(taxonomy), options, random);
  const model: Model = { network, wide: trainer.wide };
  const average = averageWeights(model, buildNetwork(shape, taxonomy, options.seed), options.averageDecay);
  const weights = training.targets.map((targets) => tf.tensor1d(classWeights(targets)));
  const optimizer = tf.train.adam(options.learningRate);
  const kernels = network.trainableWeights
    .filter((w) => w.shape.length === 2)
    .map((w) => w.read() as Variable);
  const decay = 1 - options.learningRate * options.weightDecay;
  const wideLossWeight = training.ngrams.columns === 0 ? 0 : options.wideLossWeight;
  const context = { network, optimizer, wideLossWeight, weights, taxonomy, dim };
  const rows = Array.from({ length: training.vectors.length / dim }, (_, i) => i);
  const patience = Math.max(2, Math.ceil(options.patience / rows.length));
  const history: Epoch[] = [];
  const heldOutLogits: Float32Array[] = [];
  const best = createBestKeeper(average);
  try {
    for (let epoch = 1; epoch <= options.maxEpochs; epoch++) {
      const order = random.shuffle(rows);
      let sum = 0;
      for (let start = 0; start < order.length; start += options.batchSize) {
        signal?.throwIfAborted();
        const chosen = order.slice(start, start + options.batchSize);
        const { logits, step } = trainer.forward(chosen);
        const batch = selectLabelled(training, chosen, dim);
        dropComponents(batch.vectors, options.dropout, random);
        const { loss, gradient } = stepNetwork(batch, logits, context);
        step(gradient);
        sum += chosen.length * loss;
        tf.tidy(() => {
          for (const kernel of kernels) kernel.assign(tf.mul(kernel, decay));
        });
        average.afterStep();
      }
      const entry: Epoch = { epoch, epochs: options.maxEpochs, trainingLoss: sum / order.length };
      if (heldOut !== undefined) {
        const logits = modelLogits(average, heldOut, dim);
        heldOutLogits.push(logits);
        entry.heldOutLoss = heldOutLoss(logits, heldOut.targets, weights, taxonomy);
        best.offer(epoch, entry.heldOutLoss);
      }
      history.push(entry);
      await onEpoch?.(entry);
      if (heldOut !== undefined && epoch - best.epoch() >= patience) break;
    }
    const bestEpoch = heldOut === undefined ? history.length : best.restore();
    return { network: average.network, wide: average.wide, history, bestEpoch, heldOutLogits };
  } catch (error) {
    average.network.dispose();
    throw error;
  } finally {
    network.dispose();
    best.dispose();
    tf.dispose(weights);
    optimizer.dispose();
  }
}

/** Sets components to zero at random and scales the others up, in place. */
function dropComponents(vectors: Float32Array, share: number, random: Random): void {
  if (share === 0) return;
  for (let i = 0; i < vectors.length; i++) vectors[i] = random.next() < share ? 0 : vectors[i]! / (1 - share);
}

/** Keeps the weights of the epoch with the least loss. */
function createBestKeeper({ network, wide }: Model) {
  let kept: Tensor[] = [];
  let keptWide = new Float32Array(0);
  let bestEpoch = 0;
  let bestLoss = Number.POSITIVE_INFINITY;
  return {
    epoch: () => bestEpoch,
    offer(epoch: number, loss: number) {
      if (loss >= bestLoss) return;
      tf.dispose(kept);
      kept = network.getWeights().map((w) => w.clone());
      keptWide = wide.weights.slice();
      bestLoss = loss;
      bestEpoch = epoch;
    },
    /** Puts the best weights back. @returns Their epoch. */
    restore(): number {
      network.setWeights(kept);
      wide.weights.set(keptWide);
      return bestEpoch;
    },
    dispose: () => tf.dispose(kept),
  };
}
