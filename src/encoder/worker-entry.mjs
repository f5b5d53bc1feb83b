// A worker process is plain Node and registers tsx for itself. Transformers.js is loaded first, for tsx would pass all
// of it through its own loader: half a second of each start.
import '@xenova/transformers';
import { register } from 'tsx/esm/api';

register();
await import('./worker.ts');
