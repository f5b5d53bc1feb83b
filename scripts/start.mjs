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

const PARENT_CHECK_MS = 500;

/** npm passes a signal on to its shell, which ends and leaves the service: it then stops as it would have by the signal. */
function stopWithoutParent() {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, PARENT_CHECK_MS);
  timer.unref();
}

if (process.env.npm_lifecycle_event !== undefined) stopWithoutParent();
const unregister = register();
require('../src/encoder/fork-worker.ts').forkAhead();
unregister();
for (const name of PACKAGES) require(name);
register();
require('./serve.ts');
