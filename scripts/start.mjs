// Starts the service without the tsx command: one process fewer, and what is no TypeScript is not passed through tsx.
import { createRequire } from 'node:module';
import { forkAhead } from '../src/encoder/fork-worker.mjs';

const require = createRequire(import.meta.url);
forkAhead();
/** Loaded before tsx is registered; each is loaded by the service anyway, in the same way. */
const REQUIRED = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers', '@tensorflow/tfjs-backend-wasm'];
const IMPORTED = ['express', 'express-rate-limit', 'helmet', 'lru-cache', 'pino', 'prom-client', 'zod'];
for (const name of REQUIRED) require(name);
await Promise.all(IMPORTED.map((name) => import(name)));
const { register } = await import('tsx/esm/api');
register();
await import('./serve.ts');
