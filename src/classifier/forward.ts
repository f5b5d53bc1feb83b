/**
 * The network's forward pass in plain arithmetic. For a handful of texts a call of TensorFlow.js costs more in overhead than
 * all products together; for many rows its kernels are faster, and `predictLogits` is used.
 */

import type * as tfl from '@tensorflow/tfjs-layers';
import { inputScale } from './network.ts';

/** A dense layer: kernel row-major [inputs, units], bias [units]. */
interface Dense {
  units: number;
  kernel: Float32Array;
  bias: Float32Array;
}

/** Adds x · kernel to `out`, which holds the bias. */
function addProduct(x: Float32Array, { kernel, units }: Dense, out: Float32Array): void {
  for (let i = 0; i < x.length; i++) {
    const value = x[i]!;
    if (value === 0) continue;
    const at = i * units;
    for (let k = 0; k < units; k++) out[k]! += value * kernel[at + k]!;
  }
}

/**
 * Takes a copy of the network's weights: training it further does not change the function.
 * @returns Logits [n, outputs] of vectors [n, dim], equal to `predictLogits` up to rounding.
 */
export function createForward(
  network: tfl.LayersModel,
  dim: number,
): (vectors: Float32Array) => Float32Array {
  // Layer by layer: kernel, bias. All but the last are hidden layers with ReLU (see `buildNetwork`).
  const weights = network.getWeights().map((tensor) => tensor.dataSync() as Float32Array);
  const layers: Dense[] = [];
  for (let i = 0; i + 1 < weights.length; i += 2) {
    const bias = weights[i + 1]!.slice();
    layers.push({ units: bias.length, kernel: weights[i]!.slice(), bias });
  }
  const last = layers.pop()!;
  const scale = inputScale(dim);

  function one(vector: Float32Array, out: Float32Array): void {
    const scaled = vector.map((x) => x * scale);
    let x = scaled;
    for (const layer of layers) {
      const y = layer.bias.slice();
      addProduct(x, layer, y);
      x = y.map((value) => Math.max(0, value));
    }
    out.set(last.bias);
    const joined = new Float32Array(last.kernel.length / last.units);
    joined.set(scaled);
    if (layers.length > 0) joined.set(x, dim);
    addProduct(joined, last, out);
  }

  return (vectors) => {
    const rows = vectors.length / dim;
    const logits = new Float32Array(rows * last.units);
    for (let row = 0; row < rows; row++)
      one(
        vectors.subarray(row * dim, (row + 1) * dim),
        logits.subarray(row * last.units, (row + 1) * last.units),
      );
    return logits;
  };
}
