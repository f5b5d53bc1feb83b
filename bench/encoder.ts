/**
 * Scores an encoder on labelled sets, over the product's own encoder path, beside TF-IDF on the same draws and fastText
 * where its program is installed. `npm run bench:encoder -- --help` tells the rest.
 */

import { writeFile } from 'node:fs/promises';
import { runCommand } from '../scripts/lib/cli.ts';
import { openEncoderWithProgress } from '../scripts/lib/embed.ts';
import { createProgress } from '../scripts/lib/progress.ts';
import { ENCODER_SETTINGS } from '../scripts/lib/settings.ts';
import type { Rows } from '../src/classifier/logistic-regression.ts';
import type { CachedEncoder } from '../src/encoder/cache.ts';
import { RasidError } from '../src/errors.ts';
import { weigherOfBaseline } from '../src/evaluation/baselines.ts';
import { fastTextAvailable, predictWithFastText } from '../src/evaluation/fasttext.ts';
import { type Labelled, readLabelled } from './lib/labelled.ts';
import {
  chooseC,
  drawRows,
  type Estimate,
  estimate,
  predict,
  type Score,
  scorePredictions,
  singleEstimate,
  takeRows,
} from './lib/probe.ts';
import { measureRetrieval } from './lib/retrieval.ts';

const DRAWS = 10;
const STRENGTHS = [1, 10, 100];

interface Measurement {
  set: string;
  training: string;
  features: string;
  accuracy: Estimate;
  macroF1: Estimate;
}

async function embed(
  encoder: CachedEncoder,
  texts: string[],
  label: string,
  signal: AbortSignal,
): Promise<Rows> {
  const bar = createProgress(`embedding ${label}, texts`);
  const { vectors } = await encoder
    .encode(texts, { signal, onProgress: (done, total) => bar.update(done, total) })
    .finally(() => bar.stop());
  return { columns: encoder.identity.dim, dense: vectors };
}

/** Scores of the features of train and dev rows, at a number of rows per label or (undefined) with all of them. */
function measure(set: Labelled, train: Rows, dev: Rows, perLabel: number | undefined) {
  const { classes, train: rows } = set;
  const one = (chosen: readonly number[] | undefined, C: number): Score => {
    const part = chosen === undefined ? train : takeRows(train, chosen);
    const labels = chosen === undefined ? rows.labels : chosen.map((row) => rows.labels[row]!);
    return scorePredictions(predict(part, labels, dev, classes.length, C), set.dev.labels, classes.length);
  };
  if (perLabel === undefined) {
    const score = one(undefined, chooseC(train, rows.labels, classes.length, STRENGTHS));
    const n = set.dev.labels.length;
    return { accuracy: singleEstimate(score.accuracy, n), macroF1: singleEstimate(score.macroF1, n) };
  }
  const scores = Array.from({ length: DRAWS }, (_, seed) =>
    one(drawRows(rows.labels, classes.length, perLabel, seed), 1),
  );
  return {
    accuracy: estimate(scores.map(({ accuracy }) => accuracy)),
    macroF1: estimate(scores.map(({ macroF1 }) => macroF1)),
  };
}

/** TF-IDF rows of train and dev. */
function ngramRows(set: Labelled) {
  const weigh = weigherOfBaseline(set.train.texts);
  return { train: weigh(set.train.texts), dev: weigh(set.dev.texts) };
}

const show = ({ mean, margin }: Estimate) =>
  `${(100 * mean).toFixed(1).padStart(5)} ± ${(100 * margin).toFixed(1).padStart(4)}`;

const formatRow = ({ set, training, features, accuracy, macroF1 }: Measurement) =>
  `${set.padEnd(22)} ${training.padStart(6)}  ${features.padEnd(9)} ${show(accuracy)}   ${show(macroF1)}`;

await runCommand({
  name: 'bench:encoder',
  summary:
    'Scores an encoder: logistic regression on its vectors, beside TF-IDF (and fastText) on the same draws.',
  settings: ENCODER_SETTINGS,
  options: {
    data: {
      type: 'string',
      multiple: true,
      value: 'file',
      description:
        'Labelled rows (JSONL, gzip or xz); without a dev split a fifth of them, by hash of the id, serves; may be repeated',
    },
    field: { type: 'string', value: 'name', description: 'Label field, where a set has several' },
    lang: { type: 'string', value: 'code', description: 'Only the rows of this language' },
    without: {
      type: 'string',
      multiple: true,
      value: 'label',
      description: 'Label to leave out; may be repeated',
    },
    most: { type: 'string', value: 'n', description: 'At most n training rows and n dev rows' },
    transfer: { type: 'string', value: 'file', description: 'Train on the (one) --data, test on this set' },
    map: {
      type: 'string',
      multiple: true,
      value: 'a=b',
      description: 'For --transfer: label a of --data is label b there',
    },
    retrieval: {
      type: 'string',
      value: 'file',
      description: 'Parallel rows: English to Arabic retrieval on the held-out part',
    },
    'vectors-only': { type: 'boolean', description: 'Leaves the baselines out' },
    json: { type: 'string', value: 'file', description: 'Also writes the figures there' },
  },
  async run({ config, options, signal, print, warn }) {
    if (options.data.length === 0 && options.retrieval === undefined)
      throw new RasidError('usage', 'name at least one --data file, or --retrieval');
    const encoder = await openEncoderWithProgress(config, warn);
    const results: Measurement[] = [];
    const record = (result: Measurement) => {
      results.push(result);
      print(formatRow(result));
    };
    try {
      print(`encoder ${encoder.identity.name}, weights ${encoder.identity.weights.slice(0, 12)}`);
      print(`${'set'.padEnd(22)} ${'a label'.padStart(6)}  features   accuracy        macro F1`);
      const filter = {
        ...(options.field ? { field: options.field } : {}),
        ...(options.lang ? { lang: options.lang } : {}),
        ...(options.most ? { most: Number(options.most) } : {}),
        without: options.without,
      };
      if (options.transfer !== undefined) {
        record(await transfer(encoder, options.data[0]!, options.transfer, options.map, signal));
      } else {
        for (const path of options.data) {
          const set = await readLabelled(path, filter);
          const { classes, train, dev, leftOut } = set;
          warn(
            `${path}: ${classes.length} classes, ${train.texts.length} training rows, ${dev.texts.length} dev rows, ${leftOut} left out`,
          );
          const vectors = {
            train: await embed(encoder, train.texts, set.name, signal),
            dev: await embed(encoder, dev.texts, `${set.name} dev`, signal),
          };
          const ngrams = options['vectors-only'] ? undefined : ngramRows(set);
          for (const perLabel of [8, 32, undefined]) {
            const training = String(perLabel ?? 'all');
            const common = { set: set.name, training };
            record({ ...common, features: 'vectors', ...measure(set, vectors.train, vectors.dev, perLabel) });
            if (ngrams === undefined) continue;
            record({ ...common, features: 'TF-IDF', ...measure(set, ngrams.train, ngrams.dev, perLabel) });
            if (fastTextAvailable())
              record({ ...common, features: 'fastText', ...(await fastText(set, perLabel)) });
          }
        }
      }
      if (options.retrieval !== undefined) {
        const { accuracy, pairs } = await measureRetrieval(encoder, options.retrieval);
        print(
          `English to Arabic retrieval, ${pairs} held-out sentences among 200: accuracy@1 ${show(accuracy)}`,
        );
      }
    } finally {
      await encoder.close();
    }
    if (options.json)
      await writeFile(options.json, `${JSON.stringify({ encoder: encoder.identity, results }, null, 2)}\n`);
  },
});

async function fastText(set: Labelled, perLabel: number | undefined) {
  const draws = perLabel === undefined ? [undefined] : Array.from({ length: DRAWS }, (_, seed) => seed);
  const scores: Score[] = [];
  for (const seed of draws) {
    const rows =
      seed === undefined
        ? set.train.labels.map((_, i) => i)
        : drawRows(set.train.labels, set.classes.length, perLabel!, seed);
    const predicted = await predictWithFastText(
      { texts: rows.map((row) => set.train.texts[row]!), labels: rows.map((row) => set.train.labels[row]!) },
      set.dev.texts,
    );
    scores.push(scorePredictions(predicted, set.dev.labels, set.classes.length));
  }
  const n = set.dev.labels.length;
  const summarise = (values: number[]) =>
    values.length === 1 ? singleEstimate(values[0]!, n) : estimate(values);
  return {
    accuracy: summarise(scores.map(({ accuracy }) => accuracy)),
    macroF1: summarise(scores.map(({ macroF1 }) => macroF1)),
  };
}

/** Trains on one set's training rows and tests on another set, label by label as mapped. */
async function transfer(
  encoder: CachedEncoder,
  from: string,
  to: string,
  map: string[],
  signal: AbortSignal,
): Promise<Measurement> {
  const names = new Map(map.map((pair) => pair.split('=') as [string, string]));
  const [source, target] = [await readLabelled(from), await readLabelled(to)];
  const classes = [...names.values()];
  const kept = source.train.labels.flatMap((label, row) => (names.has(source.classes[label]!) ? [row] : []));
  // Enough to learn the five classes; the whole set would only take longer.
  const rows = drawRows(
    kept.map((row) => source.train.labels[row]!),
    source.classes.length,
    1_000,
    1,
  ).map((i) => kept[i]!);
  const labels = rows.map((row) => classes.indexOf(names.get(source.classes[source.train.labels[row]!]!)!));
  const all = {
    texts: [...target.train.texts, ...target.dev.texts],
    labels: [...target.train.labels, ...target.dev.labels],
  };
  const train = await embed(
    encoder,
    rows.map((row) => source.train.texts[row]!),
    source.name,
    signal,
  );
  const test = await embed(encoder, all.texts, target.name, signal);
  const C = chooseC(train, labels, classes.length, STRENGTHS);
  const actual = all.labels.map((label) => classes.indexOf(target.classes[label]!));
  const score = scorePredictions(predict(train, labels, test, classes.length, C), actual, classes.length);
  return {
    set: `${source.name} → ${target.name}`,
    training: 'all',
    features: 'vectors',
    accuracy: singleEstimate(score.accuracy, actual.length),
    macroF1: singleEstimate(score.macroF1, actual.length),
  };
}
