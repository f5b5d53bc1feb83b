import { answerWithLabels, answerWithVectors } from '../src/bulk/answer.ts';
import { blocksAhead } from '../src/bulk/model.ts';
import { connectQueue, disconnect } from '../src/bulk/queue/connection.ts';
import { openRuns } from '../src/bulk/queue/runs.ts';
import { startWorker } from '../src/bulk/queue/worker.ts';
import { openPipeline } from '../src/classifier/pipeline.ts';
import { identityKey } from '../src/encoder/identity.ts';
import { QUEUE_SETTINGS } from './lib/bulk-queue.ts';
import { runCommand } from './lib/cli.ts';
import { ENCODER_SETTINGS } from './lib/settings.ts';

/** Time for blocks under way when the worker is told to stop, ms. */
const DRAIN = 60_000;
/** Between two looks for runs that ask for other models, ms. */
const LOOK = 60_000;

await runCommand({
  name: 'worker',
  summary:
    'Answers blocks of the queue until it is told to stop (Ctrl-C or SIGTERM): those under way are finished.',
  settings: ['modelFolder', 'backend', 'blockRows', 'jobAttempts', ...QUEUE_SETTINGS, ...ENCODER_SETTINGS],
  async run({ config, signal, setGrace, print, warn }) {
    setGrace(DRAIN);
    const redis = await connectQueue(config, warn);
    try {
      const pipeline = await openPipeline(config);
      try {
        const { classifier, encoder } = pipeline;
        const vectors = identityKey(encoder.identity);
        const worker = startWorker(redis, config, {
          abilities: [
            { model: classifier.id, answer: (columns) => answerWithLabels(pipeline, columns) },
            { model: vectors, answer: (columns) => answerWithVectors(encoder, columns) },
          ],
          concurrency: blocksAhead(encoder.workers, config.blockRows),
          onBlock: ({ run, block, from, to }, ms) =>
            print(
              `${run}: block ${block}, ${to - from} rows, ${((to - from) / (ms / 1_000)).toFixed(0)} rows/s`,
            ),
          onNote: (line) => warn(`note: ${line}`),
        });
        print(`ready: labels by model ${classifier.id}, vectors by encoder ${vectors}`);
        const told = new Set<string>();
        const look = async () => {
          for (const { name, description } of await openRuns(redis, config.queueName).list()) {
            const { model } = description;
            if (model === classifier.id || model === vectors || told.has(name)) continue;
            told.add(name);
            warn(
              `note: ${name} asks for model ${model}, which this worker does not hold; it leaves it to others`,
            );
          }
        };
        await look();
        const timer = setInterval(() => look().catch(() => {}), LOOK);
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        clearInterval(timer);
        print('stopping: blocks under way are finished');
        await worker.close();
      } finally {
        await pipeline.close();
      }
    } finally {
      disconnect(redis);
    }
  },
});
