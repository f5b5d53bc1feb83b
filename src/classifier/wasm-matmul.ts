/**
 * Matrix products with transposed factors on the WebAssembly backend. Its kernel hands plain products to XNNPACK and
 * computes transposed ones, which every gradient of a dense layer is, in a simple loop: 3.4 ms against 0.5 ms for a batch
 * of 128 rows and a layer of 256 × 128. Here such a factor is transposed first.
 */

import type { KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';
import { tf } from '../tensorflow.ts';

type MatMulInputs = { a: TensorInfo; b: TensorInfo };
type MatMulAttributes = { transposeA: boolean; transposeB: boolean };

/** Puts the kernel in place; once is enough, further calls do nothing. */
export const useFastMatMul = (() => {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    const product = tf.getKernel('BatchMatMul', 'wasm').kernelFunc;
    const transpose = tf.getKernel('Transpose', 'wasm').kernelFunc;
    tf.unregisterKernel('BatchMatMul', 'wasm');
    tf.registerKernel({
      kernelName: 'BatchMatMul',
      backendName: 'wasm',
      kernelFunc: ({ inputs, attrs, backend }) => {
        const { a, b } = inputs as unknown as MatMulInputs;
        const { transposeA, transposeB } = attrs as unknown as MatMulAttributes;
        const turned: TensorInfo[] = [];
        const turn = (x: TensorInfo) => {
          const rank = x.shape.length;
          const perm = [...x.shape.keys()].slice(0, -2).concat(rank - 1, rank - 2);
          const out = transpose({ inputs: { x }, attrs: { perm }, backend }) as TensorInfo;
          turned.push(out);
          return out;
        };
        const factors = { a: transposeA ? turn(a) : a, b: transposeB ? turn(b) : b };
        const out = product({
          inputs: factors,
          attrs: { transposeA: false, transposeB: false },
          backend,
        });
        for (const { dataId } of turned) (backend as KernelBackend).disposeData(dataId);
        return out;
      },
    });
  };
})();
