/** Versions of what computes the figures, for the bundle and `/info`. */

import { createRequire } from 'node:module';
import { version_core } from '@tensorflow/tfjs-core';
import { env } from '@xenova/transformers';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

export function runtimeVersions(): Record<string, string> {
  return { rasid: version, node: process.versions.node, tfjs: version_core, transformers: env.version };
}
