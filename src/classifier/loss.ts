/** The training loss: per head, masked where a record does not know the head, made to withstand imbalance. */

import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Head, Taxonomy } from '../dataset/taxonomy.ts';
import { tf } from '../tensorflow.ts';
import { countLabels, type HeadTargets } from './targets.ts';

/** Weight of each class of a one-of head: [labels]. */
export type ClassWeights = Float32Array;

/** Rare labels count more, by the root of their rarity, at most this much more. */
const MOST_WEIGHT = 4;

/** sqrt(mean count / count), within [1 / MOST_WEIGHT, MOST_WEIGHT]; a label that never applies weighs 1. */
export function classWeights(targets: HeadTargets): ClassWeights {
  const counts = countLabels(targets);
  const mean = counts.reduce((a, b) => a + b, 0) / counts.length;
  return Float32Array.from(counts, (n) =>
    n === 0 ? 1 : Math.min(MOST_WEIGHT, Math.max(1 / MOST_WEIGHT, Math.sqrt(mean / n))),
  );
}

/** How strongly labels that are easily seen not to apply are played down, and the probability below which they count nothing. */
const FOCUS = 4;
const MARGIN = 0.05;

/**
 * Asymmetric loss (Ridnik et al. 2021, γ₊ = 0), mean over labels: [n]. Most labels do not apply to most texts; each of those
 * negatives counts by max(p − MARGIN, 0)^FOCUS, so that the few labels that do apply are not drowned. Cross-entropy in its
 * stable form, max(z, 0) − z·y + log(1 + e^−|z|).
 */
function asymmetricLoss(logits: Tensor2D, labels: Tensor2D): Tensor1D {
  const softplus = tf.log1p(tf.exp(tf.neg(tf.abs(logits))));
  const positive = tf.add(tf.relu(tf.neg(logits)), softplus);
  const negative = tf.add(tf.relu(logits), softplus);
  const focus = tf.pow(tf.relu(tf.sub(tf.sigmoid(logits), MARGIN)), FOCUS);
  const loss = tf.add(tf.mul(positive, labels), tf.mul(tf.mul(negative, focus), tf.sub(1, labels)));
  return tf.mean(loss, 1);
}

/** Cross-entropy of the softmax, weighted by the true class: [n]. */
function softmaxLoss(logits: Tensor2D, labels: Tensor2D, weights: Tensor1D): Tensor1D {
  const logProbabilities = tf.logSoftmax(logits);
  return tf.neg(tf.sum(tf.mul(tf.mul(logProbabilities, labels), weights), 1));
}

export interface BatchTargets {
  labels: Tensor2D;
  /** 1 where the head is known: [n]. */
  known: Tensor1D;
}

export const batchTargets = (targets: readonly HeadTargets[]): BatchTargets[] =>
  targets.map(({ head, labels, known }) => ({
    labels: tf.tensor2d(Float32Array.from(labels), [known.length, head.labels.length]),
    known: tf.tensor1d(Float32Array.from(known)),
  }));

/** A multi-label head's mean over labels is small beside a one-of head's sum; this brings both to one scale. */
const headScale = (head: Head) => (head.kind === 'multi-label' ? head.labels.length / 2 : 1);

/** Scalar loss of a batch: the sum over heads of the mean over the records that know the head. */
export function maskedLoss(
  logits: Tensor2D,
  targets: readonly BatchTargets[],
  weights: readonly Tensor1D[],
  taxonomy: Taxonomy,
): Scalar {
  let total: Tensor = tf.scalar(0);
  let start = 0;
  for (const [i, head] of taxonomy.heads.entries()) {
    const { labels, known } = targets[i]!;
    const own = tf.slice(logits, [0, start], [-1, head.labels.length]);
    const each =
      head.kind === 'multi-label' ? asymmetricLoss(own, labels) : softmaxLoss(own, labels, weights[i]!);
    const mean = tf.div(tf.sum(tf.mul(each, known)), tf.maximum(tf.sum(known), 1));
    total = tf.add(total, tf.mul(mean, headScale(head)));
    start += head.labels.length;
  }
  return total as Scalar;
}
