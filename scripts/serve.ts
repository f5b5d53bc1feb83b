import { once } from 'node:events';
import { startServer } from '../src/server/serve.ts';
import { runCommand } from './lib/cli.ts';

await runCommand({
  name: 'start',
  summary: 'Serves the trained classifier over HTTP: POST /classify, GET /health, /ready, /info.',
  settings: [
    'host',
    'port',
    'modelFolder',
    'encoder',
    'encoderDtype',
    'backend',
    'workers',
    'bodyLimit',
    'maxTexts',
    'drainTimeout',
  ],
  async run({ config, signal, print, warn }) {
    const server = await startServer(config, (error) => warn(`fault: ${(error as Error)?.stack ?? error}`));
    print(`rasid listens on ${server.url} (model ${server.pipeline.classifier.id.slice(0, 12)})`);
    if (!signal.aborted) await once(signal, 'abort');
    warn('shutting down: answers under way are finished');
    await server.stop();
    return 0;
  },
});
