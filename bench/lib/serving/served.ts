/** The server as a process of its own, with its settings in the environment; on request it loses a worker. */

import { syncBuiltinESMExports } from 'node:module';
import workerThreads, { type Worker } from 'node:worker_threads';

const workers: Worker[] = [];
const Original = workerThreads.Worker;
workerThreads.Worker = class extends Original {
  constructor(...args: ConstructorParameters<typeof Original>) {
    super(...args);
    workers.push(this);
    this.once('exit', () => workers.splice(workers.indexOf(this), 1));
  }
};
syncBuiltinESMExports();

const { loadConfig } = await import('../../../src/config.ts');
const { openLog } = await import('../../../src/server/log.ts');
const { startServer } = await import('../../../src/server/serve.ts');

const config = loadConfig();
const server = await startServer(config, openLog(config));
process.on('message', (message) => {
  if (message === 'kill-worker') void workers[0]?.terminate();
});
process.on('SIGTERM', () => void server.stop().then(() => process.exit(0)));
process.send?.(server.url);
