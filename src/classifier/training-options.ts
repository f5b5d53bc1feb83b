/** What training is told, and what it does where nothing else is said. */

import type { WideTrainingOptions } from './wide.ts';

export interface TrainingOptions extends WideTrainingOptions {
  seed: number;
  /** Fits that differ by their seeds alone; what comes out is the mean of their logits. */
  fits: number;
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
  fits: 1,
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
