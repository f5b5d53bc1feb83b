import { once } from 'node:events';
import { openLog } from '../src/server/log.ts';
import { startServer } from '../src/server/serve.ts';
import { runCommand } from './lib/cli.ts';

/** Time left to close the workers after the last answer, ms. */
const CLOSING_MS = 2_000;

// Not awaited: scripts/start.mjs loads this by `require`, which knows no top-level await.
void runCommand({
  name: 'start',
  summary: 'Serves the trained classifier over HTTP. docs/serving.md says how.',
  settings: [
    'host',
    'port',
    'modelFolder',
    'encoder',
    'encoderDtype',
    'backend',
    'workers',
    'bodyLimit',
    'headerLimit',
    'maxTexts',
    'receiveTimeout',
    'deadline',
    'inferenceTimeout',
    'drainTimeout',
    'queueTexts',
    'queueTokens',
    'batchTokens',
    'batchWait',
    'cacheTexts',
    'apiKeys',
    'adminKey',
    'corsOrigins',
    'rateLimit',
    'trustProxy',
    'logLevel',
    'logTexts',
  ],
  async run({ config, signal, setGrace }) {
    setGrace(config.drainTimeout + CLOSING_MS);
    const log = openLog(config);
    try {
      const server = await startServer(config, log);
      // A model that is refused has been logged, and the old one serves on.
      process.on('SIGHUP', () => void server.reload().catch(() => {}));
      const model = server.current().pipeline.classifier.id;
      log.info({ url: server.url, model }, `rasid listens on ${server.url}`);
      if (!signal.aborted) await once(signal, 'abort');
      log.info('shutting down: answers under way are finished');
      await server.stop();
      log.info('stopped');
    } finally {
      await log.flush();
    }
    return 0;
  },
});
