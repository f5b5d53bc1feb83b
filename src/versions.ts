/** Versions of what computes the figures, for the bundle and `/info`. */

import { createRequire } from 'node:module';
import { tf } from './tensorflow.ts';

const require = createRequire(import.meta.url);
const { version } = require('../package.json') as { version: string };
/** Read, not imported: the library and its runtime are needed in the workers alone. */
const transformers = createRequire(require.resolve('@xenova/transformers'))('../package.json') as {
  version: string;
};

export function runtimeVersions(): Record<string, string> {
  return {
    rasid: version,
    node: process.versions.node,
    tfjs: tf.version_core,
    transformers: transformers.version,
  };
}
