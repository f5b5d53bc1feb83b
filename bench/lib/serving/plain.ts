/** What many would write: an Express handler that awaits the Transformers.js pipeline on the main thread. */

import type { AddressInfo } from 'node:net';
import { env, pipeline as openPipeline } from '@xenova/transformers';
import express from 'express';

env.allowRemoteModels = false;
env.localModelPath = 'models/';
const embed = await openPipeline('feature-extraction', 'encoder', { dtype: 'q8' });
await embed('نص', { pooling: 'mean', normalize: true });

const app = express();
app.use(express.json({ limit: '2mb' }));
app.post('/classify', async (request, response) => {
  const { dims } = await embed(request.body.text, { pooling: 'mean', normalize: true });
  response.json({ dims });
});
const server = app.listen(0, '127.0.0.1', () =>
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
);
