/** `npm run bulk -- submit | status | collect | cancel`: runs on several machines, through Redis. */

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openBulkModel } from '../../src/bulk/model.ts';
import { outputFormat } from '../../src/bulk/output/format.ts';
import { cancelRun } from '../../src/bulk/queue/cancel.ts';
import { collectRun } from '../../src/bulk/queue/collect.ts';
import { withRedis } from '../../src/bulk/queue/connection.ts';
import { formatStatus, type RunStatus, ratesOf, statusOf } from '../../src/bulk/queue/status.ts';
import { submitRun } from '../../src/bulk/queue/submit.ts';
import { formatSummary } from '../../src/bulk/summary.ts';
import type { ConfigKey } from '../../src/config.ts';
import { STANDARD_INPUT } from '../../src/dataset/formats/source.ts';
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
      if (positionals.length === 1) throw usage('no input');
      const inputs = await toInputs(positionals.slice(1), format);
      const { columns, labels } = chosenColumns(options);
      const onNote = (line: string) => warn(`note: ${line}`);
      await withRedis(config, warn, async (redis) => {
        const opened = await openBulkModel(config, { columns, labels, signal });
        await opened.close();
        const { model, facts, metadata, taxonomy } = opened;
        const description = {
          inputs: inputs.map((input) => ({ ...input, path: absolute(input.path) })),
          ...{ columns, blockRows: config.blockRows, model, facts, metadata },
          ...(labels && taxonomy ? { labels, taxonomy } : {}),
          ...(shared === undefined ? {} : { shared: resolve(shared) }),
        };
        const bar = createProgress('submitting, bytes');
        const size = await sizeOf(inputs.map(({ path }) => path));
        const onProgress = ({ bytes, rows }: { bytes: number; rows: number }) =>
          bar.update(bytes, Math.max(bytes, size), `${rows} rows`);
        const submission = { name, description, onProgress, onNote, signal };
        const { blocks, rows } = await submitRun(redis, config, submission).finally(bar.stop);
        print(
          `${name}: ${rows} rows in ${blocks} blocks stand in the queue, for workers with model ${model}`,
        );
        const [status] = await statusOf(redis, config, name);
        if (status!.workers === 0)
          warn('note: no worker holds this model now; start some with `npm run worker`');
      });
    },
  });

/** Standard input keeps its name: it is refused by it. */
const absolute = (path: string) => (path === STANDARD_INPUT ? path : resolve(path));

async function sizeOf(paths: readonly string[]): Promise<number> {
  const files = paths.filter((path) => path !== STANDARD_INPUT);
  const sizes = await Promise.all(files.map(async (path) => (await stat(path)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Between two looks at the queue, ms. */
const REFRESH = 1_000;
/** Looks that a rate is taken over. */
const RATE_LOOKS = 30;

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
      await withRedis(config, warn, async (redis) => {
        if (options.json) return print(JSON.stringify(await statusOf(redis, config, name), null, 2));
        const isLive = process.stdout.isTTY && !options.once;
        const looks: RunStatus[][] = [];
        let shown = 0;
        do {
          const statuses = await statusOf(redis, config, name);
          looks.push(statuses);
          if (looks.length > RATE_LOOKS) looks.shift();
          const table = formatStatus(statuses, ratesOf(looks[0]!, statuses));
          // Back to the first line of the last table, and everything below away.
          if (shown > 0) process.stdout.write(`\u001b[${shown}A\u001b[J`);
          print(table);
          shown = table.split('\n').length;
          if (isLive) await delay(REFRESH, undefined, { signal }).catch(() => {});
        } while (isLive && !signal.aborted);
      });
      return 0;
    },
  });

const collect = () =>
  runCommand({
    name: 'bulk -- collect',
    summary:
      'Writes the answers of a run beside its rows, in their order, and takes the run out of the queue.',
    positionals: '<run>',
    settings: ['jobAttempts', ...QUEUE_SETTINGS],
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
      return withRedis(config, warn, async (redis) => {
        const progress = bulkProgress(undefined);
        const onNote = (line: string) => warn(`note: ${line}`);
        const collection = { name, output, wait, onProgress: progress.update, onNote, signal };
        const summary = await collectRun(redis, config, collection).finally(progress.stop);
        print(formatSummary(summary));
        return summary.rejected > 0 ? EXIT_REJECTED : 0;
      });
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
      await withRedis(config, warn, async (redis) => {
        const answered = await cancelRun(redis, config, name);
        print(`${name}: cancelled; ${answered} answered rows are thrown away`);
      });
    },
  });

const COMMANDS = { submit, status, collect, cancel };

export const isQueueCommand = (word: string | undefined): word is keyof typeof COMMANDS =>
  word !== undefined && Object.hasOwn(COMMANDS, word);

export const runQueueCommand = (command: keyof typeof COMMANDS) => COMMANDS[command]();
