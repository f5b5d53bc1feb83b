/** The TensorFlow.js network: unit vectors in, one row of logits per head out. */

import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { Taxonomy } from '../dataset/taxonomy.ts';
import { tf, tfl } from '../tensorflow.ts';

export interface NetworkShape {
  /** Length of a vector. */
  dim: number;
  /** Hidden layers; 0: the heads read the vector directly (logistic regression). */
  depth: number;
  /** Units of each hidden layer. */
  hidden: number;
}

/** Length of all heads' logits together. */
export const outputWidth = (taxonomy: Taxonomy) =>
  taxonomy.heads.reduce((sum, head) => sum + head.labels.length, 0);

/**
 * Vectors are scaled by a constant first: unit vectors of some hundred components are too small for the usual initial
 * weights. The heads' logits stand side by side in one output, in the taxonomy's order.
 */
export function buildNetwork(
  { dim, depth, hidden }: NetworkShape,
  taxonomy: Taxonomy,
  seed: number,
): LayersModel {
  const kernelInitializer = (offset: number) => tfl.initializers.glorotUniform({ seed: seed + offset });
  const input = tfl.input({ shape: [dim], name: 'vector' });
  let x: SymbolicTensor = input;
  for (let layer = 1; layer <= depth; layer++) {
    const dense = tfl.layers.dense({
      units: hidden,
      activation: 'relu',
      name: layer === 1 ? 'hidden' : `hidden_${layer}`,
      kernelInitializer: kernelInitializer(layer === 1 ? 1 : layer + 1),
    });
    x = dense.apply(x) as SymbolicTensor;
  }
  if (depth > 0) {
    // A straight way past the hidden layers: with few labels the network can stay close to logistic regression.
    x = tfl.layers.concatenate({ name: 'joined' }).apply([input, x]) as SymbolicTensor;
  }
  const heads = tfl.layers.dense({
    units: outputWidth(taxonomy),
    name: 'logits',
    kernelInitializer: kernelInitializer(2),
  });
  return tfl.model({ inputs: input, outputs: heads.apply(x) as SymbolicTensor });
}

const PREDICT_ROWS = 1_024;

/** Scales unit vectors so that a component's standard deviation is about 1. */
export const inputScale = (dim: number) => Math.sqrt(dim);

/** Logits [n, outputWidth] of vectors [n, dim], batch by batch so that memory stays flat. */
export function predictLogits(network: LayersModel, vectors: Float32Array, dim: number): Float32Array {
  const rows = vectors.length / dim;
  const width = network.outputs[0]!.shape[1]!;
  const logits = new Float32Array(rows * width);
  for (let start = 0; start < rows; start += PREDICT_ROWS) {
    const end = Math.min(rows, start + PREDICT_ROWS);
    const part = tf.tidy(() => {
      const x = tf.mul(
        tf.tensor2d(vectors.subarray(start * dim, end * dim), [end - start, dim]),
        inputScale(dim),
      );
      return (network.predict(x) as Tensor).dataSync() as Float32Array;
    });
    logits.set(part, start * width);
  }
  return logits;
}

/** Cuts logits [n, width of all heads] into one matrix [n, labels] per head. */
export function splitHeads(logits: Float32Array, taxonomy: Taxonomy): Float32Array[] {
  const widths = taxonomy.heads.map((head) => head.labels.length);
  const total = widths.reduce((a, b) => a + b, 0);
  const rows = logits.length / total;
  let start = 0;
  return widths.map((width) => {
    const own = new Float32Array(rows * width);
    for (let row = 0; row < rows; row++) {
      own.set(logits.subarray(row * total + start, row * total + start + width), row * width);
    }
    start += width;
    return own;
  });
}
