// Starts the service without the tsx command, which is one process more. tsx is registered for `require`, which takes half
// as long as for `import`, and not while packages are loaded, for it would read all of them.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { register } = require('tsx/cjs/api');
const PACKAGES = [
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-layers',
  '@tensorflow/tfjs-backend-wasm',
  'express',
  'express-rate-limit',
  'helmet',
  'lru-cache',
  'pino',
  'prom-client',
  'zod',
];

const unregister = register();
require('../src/encoder/fork-worker.ts').forkAhead();
unregister();
for (const name of PACKAGES) require(name);
register();
require('./serve.ts');
