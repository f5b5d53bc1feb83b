import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { blocksAhead, openBulkModel } from '../src/bulk/model.ts';
import { outputFormat } from '../src/bulk/output/format.ts';
import { runBulk } from '../src/bulk/run.ts';
import { formatSummary } from '../src/bulk/summary.ts';
import { STANDARD_INPUT } from '../src/dataset/formats/source.ts';
import { chosenColumns, INPUT_OPTIONS, toInputs, usage } from './lib/bulk-input.ts';
import { bulkProgress, EXIT_REJECTED } from './lib/bulk-progress.ts';
import { isQueueCommand, runQueueCommand } from './lib/bulk-queue.ts';
import { runCommand } from './lib/cli.ts';
import { ENCODER_SETTINGS } from './lib/settings.ts';

const runHere = () =>
  runCommand({
    name: 'bulk',
    summary:
      'Classifies, or embeds, every row of files of any size. Interrupted, it goes on when called again.\n' +
      'On several machines: bulk -- submit, status, collect, cancel (each with --help), and npm run worker.',
    positionals: '<input…>',
    settings: ['modelFolder', 'backend', 'blockRows', ...ENCODER_SETTINGS],
    options: {
      out: {
        type: 'string',
        value: 'file',
        description: '.jsonl, .csv or .tsv (each also with .gz) or .parquet (required)',
      },
      ...INPUT_OPTIONS,
    },
    async run({ config, options, positionals, signal, print, warn }) {
      const { out: output, format } = options;
      if (positionals.length === 0) throw usage('no input');
      if (output === undefined) throw usage('--out is missing');
      const { kind } = outputFormat(output);
      if (positionals.some((path) => resolve(path) === resolve(output)))
        throw usage(`--out ${output} is an input as well`);
      const { columns, labels } = chosenColumns(options);
      if (options.embed && kind !== 'jsonl' && kind !== 'parquet')
        throw usage(`--embed writes .jsonl, .jsonl.gz or .parquet, not ${output}`);
      const inputs = await toInputs(positionals, format);
      const isStream = positionals.includes(STANDARD_INPUT);
      const model = await openBulkModel(config, { columns, labels, signal });
      const progress = bulkProgress(isStream ? undefined : await totalSize(positionals));
      try {
        const summary = await runBulk({
          ...model,
          inputs,
          output,
          textColumn: columns.text,
          blockRows: config.blockRows,
          blocksAhead: blocksAhead(model.workers, config.blockRows),
          onNote: (line) => warn(`note: ${line}`),
          onProgress: progress.update,
          signal,
        }).finally(progress.stop);
        print(formatSummary(summary));
        return summary.rejected > 0 ? EXIT_REJECTED : 0;
      } finally {
        await model.close();
      }
    },
  });

/** Bytes of all files. */
async function totalSize(paths: readonly string[]): Promise<number> {
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

const [command] = process.argv.slice(2);
await (isQueueCommand(command) ? runQueueCommand(command) : runHere());
