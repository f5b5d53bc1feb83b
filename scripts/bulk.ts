import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { blocksAhead, openBulkModel } from '../src/bulk/model.ts';
import { DEFAULT_PREFIX } from '../src/bulk/output/columns.ts';
import { outputFormat } from '../src/bulk/output/format.ts';
import { INPUT_FORMATS, type Input, type InputFormat } from '../src/bulk/read.ts';
import { runBulk } from '../src/bulk/run.ts';
import { formatSummary } from '../src/bulk/summary.ts';
import { DEFAULT_TEXT_COLUMNS } from '../src/bulk/text.ts';
import { detectFormat } from '../src/dataset/formats/formats.ts';
import { STANDARD_INPUT } from '../src/dataset/formats/source.ts';
import { RasidError } from '../src/errors.ts';
import { runCommand } from './lib/cli.ts';
import { createProgress } from './lib/progress.ts';
import { ENCODER_SETTINGS } from './lib/settings.ts';

/** Everything is done, but some rows stand in the rejects file. */
const EXIT_REJECTED = 3;

const usage = (message: string) => new RasidError('usage', message);

/** The format named, or that of the path's ending; standard input is JSON Lines unless it is named. */
async function toInput(path: string, named: string | undefined): Promise<Input> {
  const format = named ?? (path === STANDARD_INPUT ? 'jsonl' : await detectFormat(path));
  if (!(INPUT_FORMATS as readonly string[]).includes(format))
    throw usage(`${path}: reads ${INPUT_FORMATS.join(', ')}, not ${format}`);
  if (format === 'parquet' && path === STANDARD_INPUT)
    throw usage('Parquet cannot be read from standard input');
  if (path !== STANDARD_INPUT && (await stat(path)).isDirectory()) throw usage(`${path}: is a folder`);
  return { path, format: format as InputFormat };
}

await runCommand({
  name: 'bulk',
  summary:
    'Classifies, or embeds, every row of files of any size. Interrupted, it goes on when called again.',
  positionals: '<input…>',
  settings: ['modelFolder', 'backend', 'blockRows', ...ENCODER_SETTINGS],
  options: {
    out: {
      type: 'string',
      value: 'file',
      description: '.jsonl, .csv or .tsv (each also with .gz) or .parquet (required)',
    },
    format: {
      type: 'string',
      value: 'name',
      description: `${INPUT_FORMATS.join(', ')}; default: by each input's ending, jsonl for standard input (-)`,
    },
    embed: { type: 'boolean', description: 'Writes vectors instead of labels' },
    'text-column': { type: 'string', value: 'name', description: 'Column of the texts; default: text' },
    'title-column': {
      type: 'string',
      value: 'name',
      description: 'Column read before the text where it is filled; default: title',
    },
    prefix: {
      type: 'string',
      value: 'text',
      description: `Before the names of the columns of labels; default: ${DEFAULT_PREFIX}`,
    },
    'all-scores': {
      type: 'boolean',
      description: 'Writes the scores of all labels, not of the accepted alone',
    },
  },
  async run({ config, options, positionals, signal, print, warn }) {
    const { out: output, embed, prefix } = options;
    if (positionals.length === 0) throw usage('no input');
    if (output === undefined) throw usage('--out is missing');
    const { kind } = outputFormat(output);
    if (embed && (prefix !== undefined || options['all-scores']))
      throw usage('--prefix and --all-scores are for labels, not for --embed');
    if (embed && kind !== 'jsonl' && kind !== 'parquet')
      throw usage(`--embed writes .jsonl, .jsonl.gz or .parquet, not ${output}`);
    if (positionals.includes(STANDARD_INPUT) && positionals.length > 1)
      throw usage('standard input (-) is read alone');
    if (new Set(positionals.map((path) => resolve(path))).size < positionals.length)
      throw usage('an input is named twice');
    if (positionals.some((path) => resolve(path) === resolve(output)))
      throw usage(`--out ${output} is an input as well`);
    const inputs: Input[] = [];
    for (const path of positionals) inputs.push(await toInput(path, options.format));
    const isStream = positionals.includes(STANDARD_INPUT);
    const sizes = await Promise.all(isStream ? [] : positionals.map(async (path) => (await stat(path)).size));
    const total = sizes.reduce((sum, size) => sum + size, 0);

    const columns = {
      text: options['text-column'] ?? DEFAULT_TEXT_COLUMNS.text,
      title: options['title-column'] ?? DEFAULT_TEXT_COLUMNS.title,
    };
    const labels = embed ? undefined : { prefix: prefix ?? DEFAULT_PREFIX, allScores: options['all-scores'] };
    const model = await openBulkModel(config, { columns, labels, signal });
    const bar = createProgress(isStream ? 'rows' : 'bytes read');
    const begun = performance.now();
    try {
      const summary = await runBulk({
        ...model,
        inputs,
        output,
        textColumn: columns.text,
        blockRows: config.blockRows,
        blocksAhead: blocksAhead(model.workers, config.blockRows),
        onNote: (line) => warn(`note: ${line}`),
        onProgress({ bytes, tally, resumed }) {
          const rows = tally.answered + tally.rejected;
          const rate = ((rows - resumed) * 1_000) / (performance.now() - begun);
          const note = `${rows} rows, ${rate.toFixed(0)} rows/s, ${tally.rejected} rejected`;
          // All is read before all is answered: the end is told by the end alone.
          if (isStream) bar.update(rows, undefined, note);
          else bar.update(Math.min(bytes, total - 1), total, note);
        },
        signal,
      }).finally(() => bar.stop());
      print(formatSummary(summary));
      return summary.rejected > 0 ? EXIT_REJECTED : 0;
    } finally {
      await model.close();
    }
  },
});
