/**
 * TensorFlow.js, loaded by `require`: for an ES import Node first reads three megabytes of CommonJS for the names they
 * export, which was a fifth of a second of every start.
 */

import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export const tf = require('@tensorflow/tfjs-core') as typeof import('@tensorflow/tfjs-core');
export const tfl = require('@tensorflow/tfjs-layers') as typeof import('@tensorflow/tfjs-layers');
