/** Chooses the TensorFlow.js backend: the native one where it is installed, else WebAssembly with SIMD, else plain CPU. */

import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { RasidError } from '../errors.ts';
import { tf } from '../tensorflow.ts';
import { useFastMatMul } from './wasm-matmul.ts';

export type BackendName = 'node' | 'wasm' | 'cpu';

const require = createRequire(import.meta.url);

async function useNode(): Promise<boolean> {
  try {
    // tfjs-node 4.22 calls util.isNullOrUndefined, which Node 23 removed.
    const util = require('node:util') as Record<string, unknown>;
    util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
    require('@tensorflow/tfjs-node');
    return await tf.setBackend('tensorflow');
  } catch {
    return false;
  }
}

async function useWasm(): Promise<boolean> {
  const { setWasmPaths } =
    require('@tensorflow/tfjs-backend-wasm') as typeof import('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  if (!(await tf.setBackend('wasm'))) return false;
  useFastMatMul();
  return true;
}

async function useCpu(): Promise<boolean> {
  require('@tensorflow/tfjs-backend-cpu');
  return tf.setBackend('cpu');
}

const USE = { node: useNode, wasm: useWasm, cpu: useCpu };

/**
 * Makes a backend ready and returns its name.
 * @param wanted `auto` tries node, wasm and cpu in this order; any other name is used or refused, never replaced.
 * @throws RasidError `config-invalid` where the backend asked for is not installed.
 */
export async function useBackend(wanted: BackendName | 'auto'): Promise<BackendName> {
  const names: BackendName[] = wanted === 'auto' ? ['node', 'wasm', 'cpu'] : [wanted];
  for (const name of names) {
    if (await USE[name]()) {
      await tf.ready();
      return name;
    }
  }
  throw new RasidError('config-invalid', `TensorFlow.js backend ${wanted} is not available here`, {
    hint: 'Leave --backend at auto, or install @tensorflow/tfjs-node.',
  });
}
