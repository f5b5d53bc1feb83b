/** A worker process for the tests of faults: `node --import tsx slow-worker.ts <redis url> <ms per block>`. */

import { setTimeout as delay } from 'node:timers/promises';
import { connectQueue } from '../../../src/bulk/queue/connection.ts';
import { startWorker } from '../../../src/bulk/queue/worker.ts';
import { answerByLength, MODEL, queueConfig } from './world.ts';

const [url, pause] = process.argv.slice(2);
const config = queueConfig(url!);
const redis = await connectQueue(config, () => {});
startWorker(redis, config, {
  abilities: [{ model: MODEL, answer: () => answerByLength(() => delay(Number(pause))) }],
  concurrency: 2,
  times: { lock: 1_500, sweep: 300 },
  onBlock: ({ block }) => process.send?.(block),
});
process.send?.('ready');
