/** Groups of settings that several commands take. */

import type { ConfigKey } from '../../src/config.ts';

export const ENCODER_SETTINGS = [
  'encoder',
  'encoderPrefix',
  'encoderPooling',
  'encoderDtype',
  'hubUrl',
  'cacheFolder',
  'windowTokens',
  'maxTokens',
  'workers',
] as const satisfies readonly ConfigKey[];
