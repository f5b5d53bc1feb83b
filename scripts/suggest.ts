import { z } from 'zod';
import { labelStudioForm, labelStudioTask } from '../src/audit/label-studio.ts';
import { suggestRows, uncertainty } from '../src/audit/suggest.ts';
import { writeAnswer } from '../src/classifier/answer.ts';
import type { Prediction } from '../src/classifier/classifier.ts';
import { openPipeline } from '../src/classifier/pipeline.ts';
import { articleText } from '../src/dataset/article.ts';
import { readArticles, readBytes, readRecords, writeRecords } from '../src/dataset/jsonl.ts';
import { RasidError } from '../src/errors.ts';
import { writeFileAtomically } from '../src/storage.ts';
import { isReadable } from '../src/text/content.ts';
import { runCommand, wholeNumber } from './lib/cli.ts';
import { createProgress } from './lib/progress.ts';

const DEFAULT_COUNT = 100;
const GROUP = 256;

const recordSchema = z.looseObject({
  id: z.union([z.string(), z.number()]).optional(),
  text: z.string({ error: 'is missing or no text' }).min(1, 'is empty'),
  title: z.string().optional(),
});

async function readTexts(path: string, warn: (line: string) => void) {
  const records: { id: string; text: string; title?: string; source: Record<string, unknown> }[] = [];
  let unreadable = 0;
  for await (const { number, record } of readRecords(readBytes(path), path, recordSchema)) {
    const { id, text, title } = record;
    if (!isReadable(text)) unreadable += 1;
    else {
      const own = { id: String(id ?? number), text, source: record };
      records.push(title === undefined ? own : { ...own, title });
    }
  }
  if (unreadable > 0) warn(`${unreadable} texts hold nothing to read and are left out`);
  if (records.length === 0) throw new RasidError('data-empty', `${path}: holds no text to choose from`);
  return records;
}

await runCommand({
  name: 'suggest',
  summary:
    'Chooses the unlabelled texts most worth labelling next: those the classifier is unsure of, unlike each other and what is labelled.',
  positionals: 'file',
  settings: ['modelFolder', 'dataFile', 'encoder', 'encoderDtype', 'backend', 'workers'],
  options: {
    count: { type: 'string', value: 'n', description: `Texts to choose (default ${DEFAULT_COUNT})` },
    out: {
      type: 'string',
      value: 'file',
      description: 'Where the texts are written, with the proposed labels',
    },
    format: { type: 'string', value: 'name', description: 'jsonl (default) or label-studio' },
    form: {
      type: 'string',
      value: 'file',
      description: "Writes Label Studio's labelling form for the heads",
    },
  },
  async run({ config, options, positionals, signal, print, warn }) {
    const [path, ...others] = positionals;
    if (path === undefined || others.length > 0 || options.out === undefined)
      throw new RasidError('usage', 'name one JSONL file of texts and --out <file>');
    const format = options.format ?? 'jsonl';
    if (format !== 'jsonl' && format !== 'label-studio')
      throw new RasidError('usage', `--format ${format}: write jsonl or label-studio`);
    const count = wholeNumber('--count', options.count, DEFAULT_COUNT);

    const records = await readTexts(path, warn);
    const pipeline = await openPipeline(config);
    try {
      const { classifier, encoder, manifest } = pipeline;
      const { taxonomy } = manifest;
      const known = await readArticles(config.dataFile, taxonomy).catch((error: unknown) => {
        if (error instanceof RasidError && error.code === 'file-unreadable') return [];
        throw error;
      });
      const bar = createProgress('reading texts');
      const texts = [...records.map(articleText), ...known.map(articleText)];
      const { vectors } = await encoder
        .encode(texts, { signal, onProgress: (done, total) => bar.update(done, total) })
        .finally(() => bar.stop());
      const { dim } = encoder.identity;
      const own = vectors.subarray(0, records.length * dim);
      const predictions: Prediction[] = [];
      for (let start = 0; start < records.length; start += GROUP) {
        const end = Math.min(records.length, start + GROUP);
        const features = classifier.features(texts.slice(start, end), own.subarray(start * dim, end * dim));
        predictions.push(...classifier.classify(features));
      }
      const chosen = suggestRows({
        vectors: own,
        dim,
        uncertainties: predictions.map((prediction) => uncertainty(prediction, taxonomy)),
        labelled: vectors.subarray(records.length * dim),
        count,
      });
      const written = chosen.map(({ row, uncertainty: unsure, distance }) => {
        const { id, text, title, source } = records[row]!;
        const prediction = predictions[row]!;
        if (format === 'label-studio') {
          const data = { id, text, ...(title === undefined ? {} : { title }) };
          return labelStudioTask(data, prediction, taxonomy, classifier.id.slice(0, 12), unsure);
        }
        const answer = writeAnswer(
          { ...prediction, tokens: 0, truncated: false, html: false },
          pipeline,
        ).heads;
        const labels = Object.fromEntries(
          Object.entries(answer).map(([head, { accepted }]) => [
            head,
            Array.isArray(accepted) ? accepted.map((label) => label.id) : accepted.id,
          ]),
        );
        return { ...source, id, proposal: { labels, uncertainty: unsure, distance, model: classifier.id } };
      });
      if (format === 'jsonl') await writeRecords(options.out, written);
      else await writeFileAtomically(options.out, `${JSON.stringify(written, null, 2)}\n`);
      if (options.form !== undefined) await writeFileAtomically(options.form, labelStudioForm(taxonomy));
      print(`${written.length} of ${records.length} texts written to ${options.out}`);
    } finally {
      await pipeline.close();
    }
  },
});
