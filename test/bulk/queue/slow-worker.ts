/**
 * A worker process for the tests of faults: `node --import tsx slow-worker.ts <redis url> <ms per block> [text]`. The text
 * is one that the process dies of.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { connectQueue } from '../../../src/bulk/queue/connection.ts';
import { startWorker } from '../../../src/bulk/queue/worker.ts';
import { answerByLength, MODEL, queueConfig } from './world.ts';

const [url, pause, poison] = process.argv.slice(2);
const config = queueConfig(url!);
const redis = await connectQueue(config, () => {});
const answer = answerByLength(async (texts) => {
  await delay(Number(pause));
  if (poison !== undefined && texts.includes(poison)) process.kill(process.pid, 'SIGKILL');
});
startWorker(redis, config, {
  abilities: [{ model: MODEL, answer: () => answer }],
  concurrency: 2,
  times: { lock: 1_500, sweep: 300 },
  onBlock: ({ block }) => process.send?.(block),
});
process.send?.('ready');
