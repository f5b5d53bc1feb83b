/**
 * Several fits as one model: the mean of their logits (Hansen and Salamon 1990; Lakshminarayanan et al. 2017, "deep ensembles").
 * The mean of networks is a network again, their hidden units side by side, and the mean of wide parts is a wide part; so
 * nothing but training needs to know.
 */

import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { Taxonomy } from '../dataset/taxonomy.ts';
import { tf } from '../tensorflow.ts';
import type { Model } from './model.ts';
import { buildNetwork } from './network.ts';

/** The mean of matrices of one shape: logits or weights. */
export function meanOf(each: readonly Float32Array[]): Float32Array {
  if (each.length === 1) return each[0]!;
  return each[0]!.map((_, i) => each.reduce((sum, matrix) => sum + matrix[i]!, 0) / each.length);
}

const meanTensor = (tensors: readonly Tensor[]): Tensor => tf.div(tf.addN([...tensors]), tensors.length);

/** Kernels that read different inputs and feed different units. */
const blockDiagonal = (kernels: readonly Tensor2D[]): Tensor => {
  const units = kernels[0]!.shape[1];
  return tf.concat(
    kernels.map((kernel, i) =>
      tf.pad(kernel, [
        [0, 0],
        [i * units, (kernels.length - 1 - i) * units],
      ]),
    ),
    0,
  );
};

/** The last layer reads the vector, which all networks share, then the hidden units, of which each has its own. */
function lastKernel(kernels: readonly Tensor2D[], dim: number): Tensor {
  const hidden = kernels[0]!.shape[0] - dim;
  const direct = meanTensor(kernels.map((kernel) => tf.slice(kernel, [0, 0], [dim, -1])));
  if (hidden === 0) return direct;
  const own = kernels.map((kernel) => tf.div(tf.slice(kernel, [dim, 0], [hidden, -1]), kernels.length));
  return tf.concat([direct, ...own], 0);
}

/** One model whose logits are the mean of the given ones', up to rounding. The given ones stay the caller's. */
export function mergeModels(models: readonly Model[], taxonomy: Taxonomy, dim: number): Model {
  // Kernel and bias of each layer, the hidden ones first.
  const weights = models.map(({ network }) => network.getWeights());
  const depth = weights[0]!.length / 2 - 1;
  const units = depth === 0 ? 0 : weights[0]![0]!.shape[1]!;
  const network = buildNetwork({ dim, depth, hidden: units * models.length }, taxonomy, 0);
  tf.tidy(() => {
    const merged = weights[0]!.map((_, at) => {
      const own = weights.map((each) => each[at]!) as Tensor2D[];
      const layer = Math.floor(at / 2);
      const isKernel = at % 2 === 0;
      if (layer === depth) return isKernel ? lastKernel(own, dim) : meanTensor(own);
      if (layer === 0) return tf.concat(own, isKernel ? 1 : 0);
      return isKernel ? blockDiagonal(own) : tf.concat(own, 0);
    });
    network.setWeights(merged);
  });
  const weightsOfWide = models.map(({ wide }) => wide.weights);
  return { network, wide: { ...models[0]!.wide, weights: meanOf(weightsOfWide) } };
}
