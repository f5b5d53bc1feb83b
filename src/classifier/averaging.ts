/**
 * The moving average of a model's weights over its training steps, which is what training keeps (Polyak and Juditsky 1992;
 * Izmailov et al. 2018): the weights themselves go on trembling with the last few batches.
 */

import type { Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { tf } from '../tensorflow.ts';
import type { Model } from './model.ts';
import { emptyWide } from './wide.ts';

export interface AveragedModel extends Model {
  /** To be called after every step of the model that is averaged. */
  afterStep(): void;
}

/** Steps from one sample of the weights to the next: sampling each would say little more and cost five times as much. */
const SAMPLE_EVERY = 5;
/** Samples after which a new one counts 1 − `decay`; until then more, so that the beginning is soon forgotten. */
const WARM_UP = 10;

/**
 * Averages the weights of a model in training.
 * @param network Another network of the same shape: it comes to hold the average.
 * @param decay What is kept of the average when a sample joins it.
 */
export function averageWeights(model: Model, network: LayersModel, decay: number): AveragedModel {
  const wide = emptyWide(model.wide.columns, model.wide.width);
  const [sources, averages] = [model.network, network].map(({ weights }) =>
    weights.map((weight) => weight.read() as Variable),
  ) as [Variable[], Variable[]];
  let steps = 0;
  let samples = 0;

  function sample(): void {
    const share = 1 - Math.min(decay, samples / (samples + WARM_UP));
    samples += 1;
    tf.tidy(() => {
      for (const [i, average] of averages.entries())
        average.assign(tf.add(average, tf.mul(tf.sub(sources[i]!, average), share)));
    });
    const [source, average] = [model.wide.weights, wide.weights];
    for (let i = 0; i < average.length; i++) average[i]! += (source[i]! - average[i]!) * share;
  }

  return {
    network,
    wide,
    afterStep() {
      if (steps % SAMPLE_EVERY === 0) sample();
      steps += 1;
    },
  };
}
