/**
 * The network's forward pass in plain arithmetic. For a handful of texts a call of TensorFlow.js costs more in overhead than
 * all products together; for many rows its kernels are faster, and `predictLogits` is used.
 */

import type { LayersModel } from '@tensorflow/tfjs-layers';
import { inputScale } from './network.ts';

/** Units whose sums are built side by side, for within one sum each addition waits for the one before it. */
const ABREAST = 4;

/** Two rows, which share the fetching of the weights. */
type Pair = readonly [Float64Array, Float64Array];

interface Dense {
  inputs: number;
  units: number;
  /** One row of weights for each unit, [units, inputs]; rows of zeros at the end make up a multiple of `ABREAST`. */
  kernel: Float32Array;
  /** [units], made up in the same way. */
  bias: Float32Array;
  /** What the layer gave for the last two rows, made up in the same way. */
  output: Pair;
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
  return { inputs, units, kernel, bias, output: [new Float64Array(rows), new Float64Array(rows)] };
}

/** Kernel · x + bias for both rows; `units` of each output count. */
function apply({ inputs, units, kernel, bias, output }: Dense, [x, y]: Pair): Pair {
  const [ofX, ofY] = output;
  for (let unit = 0; unit < units; unit += ABREAST) {
    const row0 = unit * inputs;
    const row1 = row0 + inputs;
    const row2 = row1 + inputs;
    const row3 = row2 + inputs;
    let x0 = bias[unit]!;
    let x1 = bias[unit + 1]!;
    let x2 = bias[unit + 2]!;
    let x3 = bias[unit + 3]!;
    let y0 = x0;
    let y1 = x1;
    let y2 = x2;
    let y3 = x3;
    for (let i = 0; i < inputs; i++) {
      const xi = x[i]!;
      const yi = y[i]!;
      const weight0 = kernel[row0 + i]!;
      const weight1 = kernel[row1 + i]!;
      const weight2 = kernel[row2 + i]!;
      const weight3 = kernel[row3 + i]!;
      x0 += xi * weight0;
      x1 += xi * weight1;
      x2 += xi * weight2;
      x3 += xi * weight3;
      y0 += yi * weight0;
      y1 += yi * weight1;
      y2 += yi * weight2;
      y3 += yi * weight3;
    }
    ofX[unit] = x0;
    ofX[unit + 1] = x1;
    ofX[unit + 2] = x2;
    ofX[unit + 3] = x3;
    ofY[unit] = y0;
    ofY[unit + 1] = y1;
    ofY[unit + 2] = y2;
    ofY[unit + 3] = y3;
  }
  return output;
}

/**
 * Takes a copy of the network's weights: training it further does not change the function.
 * @returns Logits [n, outputs] of vectors [n, dim], equal to `predictLogits` up to rounding.
 */
export function createForward(network: LayersModel, dim: number): (vectors: Float32Array) => Float32Array {
  // Layer by layer: kernel, bias. All but the last are hidden layers with ReLU (see `buildNetwork`).
  const weights = network.getWeights().map((tensor) => tensor.dataSync() as Float32Array);
  const hidden: Dense[] = [];
  for (let i = 0; i + 1 < weights.length; i += 2) hidden.push(createDense(weights[i]!, weights[i + 1]!));
  const last = hidden.pop()!;
  const scale = inputScale(dim);
  /** What the last layer reads: the scaled vectors, then what the hidden layers make of them. */
  const joined: Pair = [new Float64Array(last.inputs), new Float64Array(last.inputs)];

  /** @param rows Two of `vectors`. */
  function two(vectors: Float32Array, rows: readonly [number, number]): Pair {
    for (const [k, row] of rows.entries()) {
      const to = joined[k]!;
      for (let i = 0; i < dim; i++) to[i] = vectors[row * dim + i]! * scale;
    }
    let x = joined;
    for (const layer of hidden) {
      x = apply(layer, x);
      for (const row of x) for (let unit = 0; unit < layer.units; unit++) row[unit] = Math.max(0, row[unit]!);
    }
    for (const [k, row] of x.entries()) joined[k]!.set(row.subarray(0, last.inputs - dim), dim);
    return apply(last, joined);
  }

  return (vectors) => {
    const rows = vectors.length / dim;
    const logits = new Float32Array(rows * last.units);
    for (let row = 0; row < rows; row += 2) {
      // A last row without a companion is its own.
      const pair = [row, Math.min(row + 1, rows - 1)] as const;
      for (const [k, output] of two(vectors, pair).entries())
        logits.set(output.subarray(0, last.units), pair[k]! * last.units);
    }
    return logits;
  };
}
