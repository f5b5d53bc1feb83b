/**
 * Scores the product's whole classifier (vectors and n-grams, calibrated) on labelled sets of one label a text, beside
 * TF-IDF with logistic regression and fastText where its program is installed, on the same rows.
 */

import { runCommand } from '../scripts/lib/cli.ts';
import { openEncoderWithProgress } from '../scripts/lib/embed.ts';
import { createProgress } from '../scripts/lib/progress.ts';
import { ENCODER_SETTINGS } from '../scripts/lib/settings.ts';
import { useBackend } from '../src/classifier/backend.ts';
import { openClassifier } from '../src/classifier/classifier.ts';
import { trainClassifier } from '../src/classifier/train.ts';
import type { TrainingOptions } from '../src/classifier/training-options.ts';
import type { Article } from '../src/dataset/article.ts';
import type { Taxonomy } from '../src/dataset/taxonomy.ts';
import { RasidError } from '../src/errors.ts';
import { weigherOfBaseline } from '../src/evaluation/baselines.ts';
import { fastTextAvailable, predictWithFastText } from '../src/evaluation/fasttext.ts';
import { type Labelled, readLabelled } from './lib/labelled.ts';
import { chooseC, drawRows, predict, scorePredictions, singleEstimate } from './lib/probe.ts';

const HEAD = 'label';

/** One head with the set's classes. */
function taxonomyOf(classes: readonly string[]): Taxonomy {
  const names = (id: string) => ({ ar: id, en: id });
  const labels = classes.map((id) => ({ id, name: names(id), definition: names(id) }));
  return { heads: [{ id: HEAD, name: names(HEAD), kind: 'one-of', labels }] };
}

/** Mean gap between confidence and accuracy over ten equal bins of the top score (Guo et al. 2017). */
function expectedCalibrationError(confidence: readonly number[], right: readonly boolean[]): number {
  const bins = Array.from({ length: 10 }, () => ({ confidence: 0, right: 0 }));
  for (const [i, p] of confidence.entries()) {
    const bin = bins[Math.min(9, Math.floor(p * 10))]!;
    bin.confidence += p;
    bin.right += right[i] ? 1 : 0;
  }
  return bins.reduce((sum, bin) => sum + Math.abs(bin.confidence - bin.right), 0) / confidence.length;
}

await runCommand({
  name: 'bench:classifier',
  summary: 'Scores the classifier beside TF-IDF with logistic regression and fastText on labelled sets.',
  settings: [...ENCODER_SETTINGS, 'backend'],
  options: {
    data: {
      type: 'string',
      multiple: true,
      value: 'file',
      description:
        'Labelled rows; without a dev split a fifth of them, by hash of the id, serves; may be repeated',
    },
    'per-label': {
      type: 'string',
      multiple: true,
      value: 'n',
      description: 'Training rows per label, or `all`; may be repeated (default: 8 32 128 512 all)',
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
    'no-baselines': { type: 'boolean', description: 'Leaves the baselines out' },
    'vectors-only': { type: 'boolean', description: 'The classifier reads vectors alone' },
    option: {
      type: 'string',
      multiple: true,
      value: 'name=n',
      description: 'A training option, e.g. wideDropout=0.5; may be repeated',
    },
    seeds: { type: 'string', value: 'n', description: 'Draws per training size (default 1)' },
  },
  async run({ config, options, signal, print, warn }) {
    if (options.data.length === 0) throw new RasidError('usage', 'name at least one --data file');
    await useBackend(config.backend);
    const encoder = await openEncoderWithProgress(config, warn);
    const { dim } = encoder.identity;
    const sizes = options['per-label'].length > 0 ? options['per-label'] : ['8', '32', '128', '512', 'all'];
    const trainingOptions = Object.fromEntries(
      options.option.map((pair) => [pair.split('=')[0]!, Number(pair.split('=')[1])]),
    ) as Partial<TrainingOptions>;
    const embed = async (texts: string[], label: string) => {
      const bar = createProgress(`embedding ${label}, texts`);
      const onProgress = (done: number, total: number) => bar.update(done, total);
      return (await encoder.encode(texts, { signal, onProgress }).finally(() => bar.stop())).vectors;
    };

    /** Trains the product's classifier on some rows and predicts the dev rows. */
    async function rasid(
      set: Labelled,
      rows: readonly number[],
      train: Float32Array,
      dev: Float32Array,
      seed: number,
    ) {
      const taxonomy = taxonomyOf(set.classes);
      const articles = rows.map(
        (row, i): Article => ({
          id: String(row),
          text: set.train.texts[row]!,
          labels: { [HEAD]: set.classes[set.train.labels[row]!]! },
          // The share that leaves 2,000 rows to stop and calibrate on in the largest set.
          split: i % 16 === 15 ? 'validation' : 'train',
        }),
      );
      const vectors = new Float32Array(rows.length * dim);
      for (const [i, row] of rows.entries()) vectors.set(train.subarray(row * dim, (row + 1) * dim), i * dim);
      const started = performance.now();
      const ngrams = !options['vectors-only'];
      const input = { articles, vectors, encoder: encoder.identity, taxonomy, seed, ngrams, signal };
      const trained = await trainClassifier({ ...input, options: trainingOptions });
      const seconds = (performance.now() - started) / 1_000;
      const { heads, minimumSimilarity } = trained;
      const manifest = {
        taxonomy,
        encoder: encoder.identity,
        heads,
        minimumSimilarity,
        ngrams: trained.ngrams,
      };
      const bundle = { ...trained, manifest: manifest, id: 'bench' };
      const classifier = openClassifier(bundle, encoder.identity);
      const [probabilities] = classifier.probabilities(classifier.features(set.dev.texts, dev));
      trained.network.dispose();
      const width = set.classes.length;
      const own = set.dev.labels.map((_, i) => probabilities!.subarray(i * width, (i + 1) * width));
      const predicted = own.map((p) => p.indexOf(Math.max(...p)));
      const error = expectedCalibrationError(
        own.map((p) => Math.max(...p)),
        predicted.map((p, i) => p === set.dev.labels[i]),
      );
      return {
        predicted,
        note: `ECE ${error.toFixed(3)}  ${seconds.toFixed(1)} s  ${trained.bestEpoch} epochs`,
      };
    }

    try {
      for (const path of options.data) {
        const set = await readLabelled(path, {
          without: options.without,
          ...(options.most ? { most: Number(options.most) } : {}),
          ...(options.field ? { field: options.field } : {}),
          ...(options.lang ? { lang: options.lang } : {}),
        });
        if (set.heldOutByHash)
          warn(`${path}: no dev split; a fifth of its rows, by hash of the id, is held out in its place`);
        print(
          `${set.name}: ${set.classes.length} classes, ${set.train.texts.length} training rows, ${set.dev.texts.length} dev rows`,
        );
        const [train, dev] = [
          await embed(set.train.texts, set.name),
          await embed(set.dev.texts, `${set.name} dev`),
        ];
        for (const size of sizes) {
          const scores = new Map<string, { accuracy: number[]; macroF1: number[]; note: string }>();
          const record = (features: string, predicted: number[], note = '') => {
            const { accuracy, macroF1 } = scorePredictions(predicted, set.dev.labels, set.classes.length);
            const entry = scores.get(features) ?? { accuracy: [], macroF1: [], note };
            entry.accuracy.push(accuracy);
            entry.macroF1.push(macroF1);
            scores.set(features, entry);
          };
          for (let seed = 0; seed < Number(options.seeds ?? 1); seed++) {
            const rows = drawRows(
              set.train.labels,
              set.classes.length,
              size === 'all' ? Number.POSITIVE_INFINITY : Number(size),
              seed,
            );
            const labels = rows.map((row) => set.train.labels[row]!);
            const { predicted, note } = await rasid(set, rows, train, dev, seed);
            record('rasid', predicted, note);
            if (options['no-baselines']) continue;
            const texts = rows.map((row) => set.train.texts[row]!);
            const weigh = weigherOfBaseline(texts);
            const [trainRows, devRows] = [weigh(texts), weigh(set.dev.texts)];
            const C = rows.length < 500 ? 10 : chooseC(trainRows, labels, set.classes.length, [1, 10, 100]);
            record('TF-IDF + LR', predict(trainRows, labels, devRows, set.classes.length, C), `C ${C}`);
            if (fastTextAvailable())
              record('fastText', await predictWithFastText({ texts, labels }, set.dev.texts));
          }
          for (const [features, { accuracy, macroF1, note }] of scores) {
            const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
            const show = (values: number[]) => {
              const { margin } = singleEstimate(mean(values), set.dev.labels.length);
              return `${(100 * mean(values)).toFixed(1)} ± ${(100 * margin).toFixed(1)}`;
            };
            print(
              `  ${size.padStart(4)} a label  ${features.padEnd(12)} accuracy ${show(accuracy)}  macro F1 ${show(macroF1)}  ${note}`,
            );
          }
        }
      }
    } finally {
      await encoder.close();
    }
  },
});
