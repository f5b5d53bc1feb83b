/** Fits the network: mini-batches, AdamW, early stopping on the validation loss, best weights kept. */

import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { Taxonomy } from '../dataset/taxonomy.ts';
import { seededRandom } from '../random.ts';
import { labelWeights, maskedLoss } from './loss.ts';
import { buildNetwork, inputScale, type NetworkShape, predictLogits } from './network.ts';
import type { HeadTargets } from './targets.ts';

export interface TrainingOptions {
  seed: number;
  hidden: number;
  learningRate: number;
  /** Decoupled weight decay per step, as a share of the learning rate (Loshchilov and Hutter 2019). */
  weightDecay: number;
  batchSize: number;
  maxEpochs: number;
  /** Epochs without a better validation loss before training stops. */
  patience: number;
}

export const DEFAULT_TRAINING: Omit<TrainingOptions, 'seed'> = {
  hidden: 128,
  learningRate: 2e-3,
  weightDecay: 0.1,
  batchSize: 64,
  maxEpochs: 60,
  patience: 8,
};

/** Vectors [n, dim] with what is known of each row. */
export interface LabelledVectors {
  vectors: Float32Array;
  targets: HeadTargets[];
}

export interface Epoch {
  epoch: number;
  epochs: number;
  trainingLoss: number;
  validationLoss: number;
}

export interface Fit {
  network: tfl.LayersModel;
  history: Epoch[];
  bestEpoch: number;
}

function gather(source: LabelledVectors, rows: readonly number[], dim: number) {
  const vectors = new Float32Array(rows.length * dim);
  for (const [i, row] of rows.entries())
    vectors.set(source.vectors.subarray(row * dim, (row + 1) * dim), i * dim);
  const targets = source.targets.map(({ head, labels, known }) => {
    const width = head.labels.length;
    const own = new Float32Array(rows.length * width);
    for (const [i, row] of rows.entries())
      own.set(labels.subarray(row * width, (row + 1) * width), i * width);
    return {
      labels: tf.tensor2d(own, [rows.length, width]),
      known: tf.tensor1d(Float32Array.from(rows, (row) => known[row]!)),
    };
  });
  return {
    x: tf.tidy(() => tf.mul(tf.tensor2d(vectors, [rows.length, dim]), inputScale(dim)) as tf.Tensor2D),
    targets,
  };
}

/** Mean loss over all rows, in batches. */
function evaluateLoss(
  network: tfl.LayersModel,
  data: LabelledVectors,
  weights: tf.Tensor1D[],
  taxonomy: Taxonomy,
  dim: number,
) {
  const rows = data.vectors.length / dim;
  return tf.tidy(() => {
    const width = network.outputs[0]!.shape[1]!;
    const logits = tf.tensor2d(predictLogits(network, data.vectors, dim), [rows, width]);
    const { targets } = gather(
      data,
      Array.from({ length: rows }, (_, i) => i),
      dim,
    );
    return maskedLoss(logits, targets, weights, taxonomy).dataSync()[0]!;
  });
}

/**
 * Trains a network. The same seed, data and backend give the same weights, byte for byte.
 * @param onEpoch Called after each epoch; may return a promise, which is awaited (so that a bar can draw).
 */
export async function fitNetwork(
  training: LabelledVectors,
  validation: LabelledVectors,
  taxonomy: Taxonomy,
  dim: number,
  options: TrainingOptions,
  onEpoch?: (epoch: Epoch) => void | Promise<void>,
  signal?: AbortSignal,
): Promise<Fit> {
  const shape: NetworkShape = { dim, hidden: options.hidden };
  const network = buildNetwork(shape, taxonomy, options.seed);
  const random = seededRandom(options.seed);
  const weights = training.targets.map((targets) => tf.tensor1d(labelWeights(targets)));
  const optimizer = tf.train.adam(options.learningRate);
  const kernels = network.trainableWeights
    .filter((w) => w.shape.length === 2)
    .map((w) => w.read() as tf.Variable);
  const decay = 1 - options.learningRate * options.weightDecay;
  const rows = Array.from({ length: training.vectors.length / dim }, (_, i) => i);
  const history: Epoch[] = [];
  let best: tf.Tensor[] = [];
  let bestEpoch = 0;
  let bestLoss = Number.POSITIVE_INFINITY;
  try {
    for (let epoch = 1; epoch <= options.maxEpochs; epoch++) {
      const order = random.shuffle(rows);
      let sum = 0;
      for (let start = 0; start < order.length; start += options.batchSize) {
        signal?.throwIfAborted();
        const batch = order.slice(start, start + options.batchSize);
        sum += batch.length * trainBatch(network, optimizer, gather(training, batch, dim), weights, taxonomy);
        tf.tidy(() => {
          for (const kernel of kernels) kernel.assign(tf.mul(kernel, decay));
        });
      }
      const validationLoss = evaluateLoss(network, validation, weights, taxonomy, dim);
      const entry = { epoch, epochs: options.maxEpochs, trainingLoss: sum / order.length, validationLoss };
      history.push(entry);
      if (validationLoss < bestLoss) {
        tf.dispose(best);
        best = network.getWeights().map((w) => w.clone());
        bestLoss = validationLoss;
        bestEpoch = epoch;
      }
      await onEpoch?.(entry);
      if (epoch - bestEpoch >= options.patience) break;
    }
    network.setWeights(best);
    return { network, history, bestEpoch };
  } catch (error) {
    network.dispose();
    throw error;
  } finally {
    tf.dispose(best);
    tf.dispose(weights);
    optimizer.dispose();
  }
}

function trainBatch(
  network: tfl.LayersModel,
  optimizer: tf.Optimizer,
  batch: ReturnType<typeof gather>,
  weights: tf.Tensor1D[],
  taxonomy: Taxonomy,
): number {
  const loss = optimizer.minimize(
    () =>
      maskedLoss(network.apply(batch.x, { training: true }) as tf.Tensor2D, batch.targets, weights, taxonomy),
    true,
  )!;
  const value = loss.dataSync()[0]!;
  tf.dispose([loss, batch.x]);
  for (const { labels, known } of batch.targets) tf.dispose([labels, known]);
  return value;
}
