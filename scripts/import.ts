import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { detectFormat, FORMATS, type Format } from '../src/dataset/formats/formats.ts';
import { formatSummary, importToFile } from '../src/dataset/import/import.ts';
import { loadMapping } from '../src/dataset/import/mapping.ts';
import { loadTaxonomy } from '../src/dataset/taxonomy.ts';
import { RasidError } from '../src/errors.ts';
import { runCommand } from './lib/cli.ts';
import { createProgress } from './lib/progress.ts';

const usage = (message: string) => new RasidError('usage', message);

await runCommand({
  name: 'import',
  summary:
    'Turns foreign files into articles of this taxonomy; lists every row that it rejects, with the reason.',
  positionals: '<input…>',
  settings: ['taxonomyFile'],
  options: {
    mapping: {
      type: 'string',
      value: 'file',
      description: 'JSON: which column and label is what (required)',
    },
    out: { type: 'string', value: 'file', description: 'The articles, JSONL (required)' },
    format: {
      type: 'string',
      value: 'name',
      description: `${Object.keys(FORMATS).join(', ')}; default: by each input's ending`,
    },
    strict: { type: 'boolean', description: 'Stops at the first problem and writes nothing' },
  },
  async run({ config, options, positionals: inputs, signal, print, warn }) {
    const { mapping: mappingFile, out, format, strict } = options;
    if (inputs.length === 0) throw usage('no input');
    if (mappingFile === undefined) throw usage('--mapping is missing');
    if (out === undefined) throw usage('--out is missing');
    if (inputs.some((path) => resolve(path) === resolve(out)))
      throw usage(`--out ${out} is an input as well`);
    if (format !== undefined && !Object.hasOwn(FORMATS, format)) throw usage(`no such format: ${format}`);
    const taxonomy = await loadTaxonomy(config.taxonomyFile);
    const mapping = await loadMapping(mappingFile, taxonomy);
    for (const path of inputs)
      await detectFormat(path).catch((error) => {
        if (format === undefined || error.code === 'file-unreadable') throw error;
      });
    const sizes = await Promise.all(inputs.map(async (path) => stat(path)));
    const total = sizes.every((info) => info.isFile()) ? sizes.reduce((sum, { size }) => sum + size, 0) : 0;
    const bar = createProgress('importing, bytes');
    let done = 0;
    const say = (line: string) => {
      bar.stop();
      warn(line);
    };
    const summary = await importToFile(
      {
        inputs,
        mapping,
        taxonomy,
        ...(format === undefined ? {} : { format: format as Format }),
        strict,
        onProblem: say,
        onNote: (line) => say(`note: ${line}`),
        onBytes: (bytes) => {
          done += bytes;
          bar.update(done, Math.max(total, done));
        },
        signal,
      },
      out,
    ).finally(() => bar.stop());
    print(formatSummary(summary));
    print(`wrote ${out}`);
  },
});
