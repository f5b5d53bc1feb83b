// A worker thread does not inherit tsx from the thread that starts it (Node 20), so it registers tsx for itself first.
import { register } from 'tsx/esm/api';

register();
await import('./worker.ts');
