/** `npm run bulk -- submit | status | collect | cancel`: runs on several machines, through Redis. */

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openBulkModel } from '../../src/bulk/model.ts';
import { outputFormat } from '../../src/bulk/output/format.ts';
import { cancelRun } from '../../src/bulk/queue/cancel.ts';
import { collectRun } from '../../src/bulk/queue/collect.ts';
import { connectQueue, disconnect } from '../../src/bulk/queue/connection.ts';
import { formatStatus, statusOf } from '../../src/bulk/queue/status.ts';
import { submitRun } from '../../src/bulk/queue/submit.ts';
import { formatSummary } from '../../src/bulk/summary.ts';
import type { ConfigKey } from '../../src/config.ts';
import { chosenColumns, INPUT_OPTIONS, toInputs, usage } from './bulk-input.ts';
import { bulkProgress, EXIT_REJECTED } from './bulk-progress.ts';
import { runCommand } from './cli.ts';
import { createProgress } from './progress.ts';
import { ENCODER_SETTINGS } from './settings.ts';

export const QUEUE_SETTINGS = [
  'redisUrl',
  'redisUsername',
  'redisCaFile',
  'queueName',
] as const satisfies readonly ConfigKey[];

/** The one name behind the command. */
function oneName([, name, ...others]: readonly string[]): string {
  if (name === undefined) throw usage('name the run');
  if (others.length > 0) throw usage(`one run at a time, not also ${others.join(', ')}`);
  return name;
}

const submit = () =>
  runCommand({
    name: 'bulk -- submit',
    summary:
      'Puts the rows of files into the queue for `npm run worker`. Interrupted, it goes on when called again.',
    positionals: '<input…>',
    settings: ['modelFolder', 'backend', 'blockRows', 'jobAttempts', ...QUEUE_SETTINGS, ...ENCODER_SETTINGS],
    options: {
      run: { type: 'string', value: 'name', description: 'Name of the run (required)' },
      shared: {
        type: 'string',
        value: 'folder',
        description:
          'Folder that all machines see under this path; texts and answers lie there, not in Redis',
      },
      ...INPUT_OPTIONS,
    },
    async run({ config, options, positionals, signal, print, warn }) {
      const { run: name, shared, format } = options;
      if (name === undefined) throw usage('--run is missing');
      const inputs = await toInputs(positionals.slice(1), format);
      const { columns, labels } = chosenColumns(options);
      const sizes = await Promise.all(
        inputs.map(async ({ path }) => (path === '-' ? 0 : (await stat(path)).size)),
      );
      const redis = await connectQueue(config, warn);
      const bar = createProgress('submitting, bytes');
      try {
        const opened = await openBulkModel(config, { columns, labels, signal });
        await opened.close();
        const { model, facts, metadata, taxonomy } = opened;
        const { blocks, rows } = await submitRun(redis, config, {
          name,
          description: {
            inputs: inputs.map((input) => ({ ...input, path: resolve(input.path) })),
            columns,
            blockRows: config.blockRows,
            model,
            ...(labels && taxonomy ? { labels, taxonomy } : {}),
            facts,
            metadata,
            ...(shared === undefined ? {} : { shared: resolve(shared) }),
          },
          onProgress: ({ bytes, rows: done }) =>
            bar.update(
              bytes,
              Math.max(
                bytes,
                sizes.reduce((a, b) => a + b, 0),
              ),
              `${done} rows`,
            ),
          onNote: (line) => warn(`note: ${line}`),
          signal,
        });
        bar.stop();
        print(
          `${name}: ${rows} rows in ${blocks} blocks stand in the queue, for workers with model ${model}`,
        );
        const [status] = await statusOf(redis, config, name);
        if (status!.workers === 0)
          warn('note: no worker holds this model now; start some with `npm run worker`');
      } finally {
        bar.stop();
        disconnect(redis);
      }
    },
  });

/** Between two looks at the queue, ms. */
const REFRESH = 1_000;

const status = () =>
  runCommand({
    name: 'bulk -- status',
    summary: 'Shows how far the runs of the queue are; on a terminal again every second, until Ctrl-C.',
    positionals: '[run]',
    settings: QUEUE_SETTINGS,
    options: {
      json: { type: 'boolean', description: 'Prints JSON, once' },
      once: { type: 'boolean', description: 'Prints once, also on a terminal' },
    },
    async run({ config, options, positionals, signal, print, warn }) {
      const name = positionals.length > 1 ? oneName(positionals) : undefined;
      const redis = await connectQueue(config, warn);
      try {
        const isLive = process.stdout.isTTY && !options.json && !options.once;
        let shown = 0;
        do {
          const statuses = await statusOf(redis, config, name);
          const table = options.json ? JSON.stringify(statuses, null, 2) : formatStatus(statuses);
          // Back to the first line of the last table, and everything below away.
          if (shown > 0) process.stdout.write(`\u001b[${shown}A\u001b[J`);
          print(table);
          shown = table.split('\n').length;
          if (isLive) await delay(REFRESH, undefined, { signal }).catch(() => {});
        } while (isLive && !signal.aborted);
      } finally {
        disconnect(redis);
      }
      return 0;
    },
  });

const collect = () =>
  runCommand({
    name: 'bulk -- collect',
    summary:
      'Writes the answers of a run beside its rows, in their order, and takes the run out of the queue.',
    positionals: '<run>',
    settings: QUEUE_SETTINGS,
    options: {
      out: {
        type: 'string',
        value: 'file',
        description: '.jsonl, .csv or .tsv (each also with .gz) or .parquet (required)',
      },
      wait: { type: 'boolean', description: 'Waits for answers that are not there yet' },
    },
    async run({ config, options, positionals, signal, print, warn }) {
      const name = oneName(positionals);
      const { out: output, wait } = options;
      if (output === undefined) throw usage('--out is missing');
      outputFormat(output);
      const redis = await connectQueue(config, warn);
      const progress = bulkProgress(undefined);
      try {
        const onNote = (line: string) => warn(`note: ${line}`);
        const collection = { name, output, wait, onProgress: progress.update, onNote, signal };
        const summary = await collectRun(redis, config, collection).finally(progress.stop);
        print(formatSummary(summary));
        return summary.rejected > 0 ? EXIT_REJECTED : 0;
      } finally {
        disconnect(redis);
      }
    },
  });

const cancel = () =>
  runCommand({
    name: 'bulk -- cancel',
    summary: 'Takes a run out of the queue, with the answers it has.',
    positionals: '<run>',
    settings: QUEUE_SETTINGS,
    async run({ config, positionals, print, warn }) {
      const name = oneName(positionals);
      const redis = await connectQueue(config, warn);
      try {
        const answered = await cancelRun(redis, config, name);
        print(`${name}: cancelled; ${answered} answered rows are thrown away`);
      } finally {
        disconnect(redis);
      }
    },
  });

const COMMANDS = { submit, status, collect, cancel };

export const isQueueCommand = (word: string | undefined): word is keyof typeof COMMANDS =>
  word !== undefined && Object.hasOwn(COMMANDS, word);

export const runQueueCommand = (command: keyof typeof COMMANDS) => COMMANDS[command]();
