import { once } from 'node:events';
import type { Redis } from 'ioredis';
import { answerWithLabels, answerWithVectors } from '../src/bulk/answer.ts';
import { blocksAhead } from '../src/bulk/model.ts';
import { withRedis } from '../src/bulk/queue/connection.ts';
import { openRuns, type Runs } from '../src/bulk/queue/runs.ts';
import { startWorker } from '../src/bulk/queue/worker.ts';
import { openPipeline, type Pipeline } from '../src/classifier/pipeline.ts';
import type { Config } from '../src/config.ts';
import { identityKey } from '../src/encoder/identity.ts';
import type { RasidError } from '../src/errors.ts';
import { QUEUE_SETTINGS } from './lib/bulk-queue.ts';
import { runCommand } from './lib/cli.ts';
import { ENCODER_SETTINGS } from './lib/settings.ts';

/** Time for blocks under way when the worker is told to stop, ms. */
const DRAIN = 60_000;
/** Between two looks for runs that ask for other models, ms. */
const LOOK = 60_000;

interface Surroundings {
  pipeline: Pipeline;
  signal: AbortSignal;
  print: (line: string) => void;
  warn: (line: string) => void;
}

/** Tells once of each run that asks for a model this worker does not hold. */
function createLook(runs: Runs, held: readonly string[], warn: (line: string) => void) {
  const told = new Set<string>();
  return async () => {
    for (const { name, id, state, description } of await runs.list()) {
      const { model } = description;
      if (state === 'collected' || held.includes(model) || told.has(id)) continue;
      told.add(id);
      warn(`note: ${name} asks for model ${model}, which this worker does not hold; it leaves it to others`);
    }
  };
}

/** @throws RasidError `worker-failed` where every block fails. */
async function work(redis: Redis, config: Config, surroundings: Surroundings): Promise<void> {
  const { pipeline, signal, print, warn } = surroundings;
  const { classifier, encoder } = pipeline;
  const vectors = identityKey(encoder.identity);
  let fault: RasidError | undefined;
  const faulty = new AbortController();
  const worker = startWorker(redis, config, {
    abilities: [
      { model: classifier.id, answer: (columns) => answerWithLabels(pipeline, columns) },
      { model: vectors, answer: (columns) => answerWithVectors(encoder, columns) },
    ],
    concurrency: blocksAhead(encoder.workers, config.blockRows),
    onBlock: ({ run, block, from, to }, ms) =>
      print(
        `${run.name}: block ${block}, ${to - from} rows, ${((to - from) / (ms / 1_000)).toFixed(0)} rows/s`,
      ),
    onNote: (line) => warn(`note: ${line}`),
    onFault: (error) => {
      fault = error;
      faulty.abort();
    },
  });
  print(`ready: labels by model ${classifier.id}, vectors by encoder ${vectors}`);
  const look = createLook(openRuns(redis, config.queueName), [classifier.id, vectors], warn);
  await look();
  const timer = setInterval(() => look().catch(() => {}), LOOK);
  const end = AbortSignal.any([signal, faulty.signal]);
  if (!end.aborted) await once(end, 'abort');
  clearInterval(timer);
  print('stopping: blocks under way are finished');
  await worker.close();
  if (fault !== undefined) throw fault;
}

await runCommand({
  name: 'worker',
  summary:
    'Answers blocks of the queue until it is told to stop (Ctrl-C or SIGTERM): those under way are finished.',
  settings: ['modelFolder', 'backend', 'blockRows', 'jobAttempts', ...QUEUE_SETTINGS, ...ENCODER_SETTINGS],
  async run({ config, signal, setGrace, print, warn }) {
    setGrace(DRAIN);
    await withRedis(config, warn, async (redis) => {
      const pipeline = await openPipeline(config);
      try {
        await work(redis, config, { pipeline, signal, print, warn });
      } finally {
        await pipeline.close();
      }
    });
  },
});
