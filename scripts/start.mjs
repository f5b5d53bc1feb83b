// Starts the service without the tsx command: one process fewer, and what is no TypeScript is not passed through tsx.
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import 'express';
import 'express-rate-limit';
import 'helmet';
import 'lru-cache';
import 'pino';
import 'prom-client';
import 'zod';
import { register } from 'tsx/esm/api';

register();
await import('./serve.ts');
