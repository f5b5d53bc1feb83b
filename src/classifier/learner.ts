/** One model in training: its network and wide part, their optimisers, and the average of both over the steps. */

import type { Optimizer, Tensor, Tensor1D, Tensor2D, Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Taxonomy } from '../dataset/taxonomy.ts';
import { type Random, seededRandom } from '../random.ts';
import { tf } from '../tensorflow.ts';
import { averageWeights } from './averaging.ts';
import { type LabelledFeatures, selectLabelled } from './features.ts';
import { batchTargets, maskedLoss } from './loss.ts';
import type { Model } from './model.ts';
import { buildNetwork, inputScale, outputWidth } from './network.ts';
import type { TrainingOptions } from './training-options.ts';
import { createWideTrainer } from './wide.ts';

export interface Learner {
  /** The averaged weights, which grow better while the learner learns. */
  readonly average: Model;
  /** Learns from all rows once, in an order of its own. @returns The mean loss. */
  learnEpoch(signal?: AbortSignal): number;
  /** Frees the networks, that of the average too. */
  dispose(): void;
}

export interface LearnerContext {
  taxonomy: Taxonomy;
  dim: number;
  options: TrainingOptions;
  /** Class weights, one tensor per head. */
  weights: readonly Tensor1D[];
}

interface StepContext {
  network: LayersModel;
  optimizer: Optimizer;
  wideLossWeight: number;
  weights: readonly Tensor1D[];
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
    const targets = batchTargets(batch.targets);
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

/** Sets components to zero at random and scales the others up, in place. */
function dropComponents(vectors: Float32Array, share: number, random: Random): void {
  if (share === 0) return;
  for (let i = 0; i < vectors.length; i++) vectors[i] = random.next() < share ? 0 : vectors[i]! / (1 - share);
}

/** @param seed Of the initial weights, the order of the rows and what is left out of each step. */
export function createLearner(
  training: LabelledFeatures,
  seed: number,
  { taxonomy, dim, options, weights }: LearnerContext,
): Learner {
  const random = seededRandom(seed);
  const shape = { dim, depth: options.depth, hidden: options.hidden };
  const network = buildNetwork(shape, taxonomy, seed);
  const trainer = createWideTrainer(training.ngrams, outputWidth(taxonomy), options, random);
  const average = averageWeights(
    { network, wide: trainer.wide },
    buildNetwork(shape, taxonomy, seed),
    options.averageDecay,
  );
  const optimizer = tf.train.adam(options.learningRate);
  const kernels = network.trainableWeights
    .filter((w) => w.shape.length === 2)
    .map((w) => w.read() as Variable);
  const decay = 1 - options.learningRate * options.weightDecay;
  const wideLossWeight = training.ngrams.columns === 0 ? 0 : options.wideLossWeight;
  const context = { network, optimizer, wideLossWeight, weights, taxonomy, dim };
  const rows = Array.from({ length: training.vectors.length / dim }, (_, i) => i);
  return {
    average,
    learnEpoch(signal) {
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
      return sum / order.length;
    },
    dispose() {
      network.dispose();
      average.network.dispose();
      optimizer.dispose();
    },
  };
}
