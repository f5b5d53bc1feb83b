/**
 * The network's forward pass in plain arithmetic. For a handful of texts a call of TensorFlow.js costs more in overhead than
 * all products together; for many rows its kernels are faster, and `predictLogits` is used.
 */

import type * as tfl from '@tensorflow/tfjs-layers';
import { inputScale } from './network.ts';

/** Units whose sums are built side by side, for within one sum each addition waits for the one before it. */
const ABREAST = 4;

interface Dense {
  inputs: number;
  units: number;
  /** One row of weights for each unit, [units, inputs]; rows of zeros at the end make up a multiple of `ABREAST`. */
  kernel: Float32Array;
  /** [units], made up in the same way. */
  bias: Float32Array;
  /** What the layer gave for the last row, made up in the same way. */
  output: Float64Array;
}

/** @param weights Row-major [inputs, units], as TensorFlow.js has them. */
function createDense(weights: Float32Array, biases: Float32Array): Dense {
  const units = biases.length;
  const inputs = weights.length / units;
  const rows = ABREAST * Math.ceil(units / ABREAST);
  const kernel = new Float32Array(rows * inputs);
  for (let i = 0; i < inputs; i++)
    for (let unit = 0; unit < units; unit++) kernel[unit * inputs + i] = weights[i * units + unit]!;
  const bias = new Float32Array(rows);
  bias.set(biases);
  return { inputs, units, kernel, bias, output: new Float64Array(rows) };
}

/** Kernel · x + bias, [units]. */
function apply({ inputs, units, kernel, bias, output }: Dense, x: Float64Array): Float64Array {
  for (let unit = 0; unit < units; unit += ABREAST) {
    const row0 = unit * inputs;
    const row1 = row0 + inputs;
    const row2 = row1 + inputs;
    const row3 = row2 + inputs;
    let sum0 = bias[unit]!;
    let sum1 = bias[unit + 1]!;
    let sum2 = bias[unit + 2]!;
    let sum3 = bias[unit + 3]!;
    for (let i = 0; i < inputs; i++) {
      const value = x[i]!;
      sum0 += value * kernel[row0 + i]!;
      sum1 += value * kernel[row1 + i]!;
      sum2 += value * kernel[row2 + i]!;
      sum3 += value * kernel[row3 + i]!;
    }
    output[unit] = sum0;
    output[unit + 1] = sum1;
    output[unit + 2] = sum2;
    output[unit + 3] = sum3;
  }
  return output.subarray(0, units);
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
  const hidden: Dense[] = [];
  for (let i = 0; i + 1 < weights.length; i += 2) hidden.push(createDense(weights[i]!, weights[i + 1]!));
  const last = hidden.pop()!;
  const scale = inputScale(dim);
  /** What the last layer reads: the scaled vector, then what the hidden layers make of it. */
  const joined = new Float64Array(last.inputs);

  function one(vectors: Float32Array, row: number): Float64Array {
    for (let i = 0; i < dim; i++) joined[i] = vectors[row * dim + i]! * scale;
    let x: Float64Array = joined;
    for (const layer of hidden) {
      x = apply(layer, x);
      for (let unit = 0; unit < x.length; unit++) x[unit] = Math.max(0, x[unit]!);
    }
    if (hidden.length > 0) joined.set(x, dim);
    return apply(last, joined);
  }

  return (vectors) => {
    const rows = vectors.length / dim;
    const logits = new Float32Array(rows * last.units);
    for (let row = 0; row < rows; row++) logits.set(one(vectors, row), row * last.units);
    return logits;
  };
}
