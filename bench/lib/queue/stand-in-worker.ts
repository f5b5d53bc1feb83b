/**
 * A worker that computes nothing: `stand-in-worker.ts <redis url> <model> <ms per row> <file of outcomes>` gives rows
 * prepared outcomes after a pause. Many of them on one machine are as many machines to the queue.
 */

import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Outcome } from '../../../src/bulk/block.ts';
import { connectQueue } from '../../../src/bulk/queue/connection.ts';
import { startWorker } from '../../../src/bulk/queue/worker.ts';
import { loadConfig } from '../../../src/config.ts';

const [redisUrl, model, pause, file] = process.argv.slice(2);
const config = loadConfig({ redisUrl: redisUrl! }, {});
const outcomes = JSON.parse(await readFile(file!, 'utf8')) as Outcome[];
const redis = await connectQueue(config, () => {});
/** One block after the other, as an encoder would. */
let turn = Promise.resolve();
startWorker(redis, config, {
  abilities: [
    {
      model: model!,
      answer:
        () =>
        async ({ index, rows }) => {
          turn = turn.then(() => delay(Number(pause) * rows.length));
          await turn;
          return { index, model: model!, outcomes: rows.map((_, i) => outcomes[i % outcomes.length]!) };
        },
    },
  ],
  concurrency: 3,
});
process.send!('ready');
