/** Network and wide part: what a fit learns. */

import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Features } from './features.ts';
import { predictLogits } from './network.ts';
import { addWideLogits, type Wide } from './wide.ts';

/** Their logits are added. */
export interface Model {
  network: LayersModel;
  wide: Wide;
}

/** Logits [n, outputWidth]. */
export function modelLogits({ network, wide }: Model, features: Features, dim: number): Float32Array {
  const logits = predictLogits(network, features.vectors, dim);
  addWideLogits(features.ngrams, wide, logits);
  return logits;
}
