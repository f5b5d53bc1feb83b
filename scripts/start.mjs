// Starts the service without the tsx command: one process fewer, and what is no TypeScript is not passed through tsx.
import { forkAhead } from '../src/encoder/fork-worker.mjs';

forkAhead();
/** Loaded before tsx is registered; each is loaded by the service anyway. */
const PACKAGES = [
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-layers',
  'express',
  'express-rate-limit',
  'helmet',
  'lru-cache',
  'pino',
  'prom-client',
  'zod',
];
await Promise.all(PACKAGES.map((name) => import(name)));
const { register } = await import('tsx/esm/api');
register();
await import('./serve.ts');
