import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readVectors } from '../src/bulk/vectors.ts';
import { useBackend } from '../src/classifier/backend.ts';
import { openClassifier } from '../src/classifier/classifier.ts';
import { rowsOf, type TrainingInput } from '../src/classifier/prepare.ts';
import { saveVersion } from '../src/classifier/store.ts';
import { type DemandedPrecision, parsePrecisions } from '../src/classifier/thresholds.ts';
import { trainClassifier } from '../src/classifier/train.ts';
import { DEFAULT_TRAINING } from '../src/classifier/training-options.ts';
import { hashArticles, readArticles } from '../src/dataset/jsonl.ts';
import { loadTaxonomy } from '../src/dataset/taxonomy.ts';
import { identityKey } from '../src/encoder/identity.ts';
import { writeModelCard } from '../src/evaluation/card.ts';
import { evaluateClassifier, headlineFigures, labelledFeatures } from '../src/evaluation/evaluate.ts';
import { slicesOf } from '../src/evaluation/slices.ts';
import { formatEvaluation } from '../src/evaluation/table.ts';
import { runtimeVersions } from '../src/versions.ts';
import { runCommand, wholeNumber } from './lib/cli.ts';
import { embedArticles, openEncoderWithProgress } from './lib/embed.ts';
import { createProgress } from './lib/progress.ts';
import { ENCODER_SETTINGS } from './lib/settings.ts';
import { parseDuration, tune } from './lib/tuning.ts';

/** The first paragraph of the datasheet beside the data, below its title. */
async function datasheetSummary(dataFile: string): Promise<string | undefined> {
  const text = await readFile(join(dirname(dataFile), 'DATASHEET.md'), 'utf8').catch(() => '');
  return text.split(/\n\n+/)[1]?.replaceAll('\n', ' ').trim();
}

const MOST_FITS = 20;

/** The demanded precisions as options of the run. */
const demandedOptions = (demanded: DemandedPrecision) =>
  Object.fromEntries([...demanded].map(([name, precision]) => [`minPrecision ${name}`, precision]));

/** What a search for options depends on. */
const searchBegins = ({ encoder, taxonomy, seed, ngrams }: TrainingInput, data: string) => ({
  data,
  encoder: identityKey(encoder),
  taxonomy: JSON.stringify(taxonomy.heads.map(({ id, labels }) => [id, labels.map((label) => label.id)])),
  seed: String(seed),
  features: ngrams ? 'vectors and n-grams' : 'vectors',
});

await runCommand({
  name: 'train',
  summary:
    'The main job: embeds the articles, trains the classifier, evaluates it on the test split, saves it.',
  settings: ['dataFile', 'taxonomyFile', 'modelFolder', 'backend', 'seed', ...ENCODER_SETTINGS],
  options: {
    'vectors-only': {
      type: 'boolean',
      description: 'Leaves n-grams out: the classifier reads vectors alone',
    },
    tune: {
      type: 'string',
      value: 'time',
      description:
        'Searches for better training options first, e.g. for 5m; goes on where a search was stopped',
    },
    fits: {
      type: 'string',
      value: 'n',
      description:
        'Trains n models that differ by their seeds and keeps their mean: more accurate, and longer to train (default: 1)',
    },
    vectors: {
      type: 'string',
      value: 'file',
      description:
        'Vectors of the articles that `bulk --embed` wrote, .parquet or .jsonl: nothing is embedded here',
    },
    'min-precision': {
      type: 'string',
      multiple: true,
      value: 'label=p',
      description: 'Held-out precision that a label must reach, e.g. security=0.9; may be repeated',
    },
  },
  async run({ config, options, signal, print, warn }) {
    const fits = { fits: wholeNumber('--fits', options.fits, DEFAULT_TRAINING.fits, MOST_FITS) };
    const tuningTime = options.tune === undefined ? undefined : parseDuration(options.tune);
    const taxonomy = await loadTaxonomy(config.taxonomyFile);
    const minPrecision = parsePrecisions(options['min-precision'], taxonomy);
    const articles = await readArticles(config.dataFile, taxonomy);
    const encoder = await openEncoderWithProgress(config, warn);
    try {
      const vectors =
        options.vectors === undefined
          ? (await embedArticles(encoder, articles, signal, warn)).vectors
          : await readVectors(options.vectors, articles, encoder.identity);
      const backend = await useBackend(config.backend);
      warn(`TensorFlow.js backend: ${backend}`);
      const data = hashArticles(articles);
      const input: TrainingInput = {
        articles,
        vectors,
        encoder: encoder.identity,
        taxonomy,
        seed: config.seed,
        ngrams: !options['vectors-only'],
        minPrecision,
        options: fits,
        signal,
      };
      if (tuningTime !== undefined) {
        const { ngrams, ...best } = (
          await tune(input, tuningTime, config.modelFolder, searchBegins(input, data), warn)
        ).options;
        Object.assign(input, { ngrams, options: { ...best, ...fits } });
      }
      const bar = createProgress('training, epochs');
      const trained = await trainClassifier({
        ...input,
        onEpoch: async ({ epoch, epochs }, run, runs) => {
          bar.update((run - 1) * epochs + epoch, runs * epochs);
          // Lets the bar draw and Ctrl-C be heard: training itself never leaves the thread.
          await new Promise((resolve) => setImmediate(resolve));
        },
      }).finally(() => bar.stop());
      for (const warning of trained.warnings) warn(`note: ${warning}`);

      const { heads, minimumSimilarity, ngrams, bestEpoch } = trained;
      const training = {
        data,
        articles: trained.counts,
        heldOut: trained.heldOut,
        options: { ...trained.options, ...demandedOptions(minPrecision) },
        bestEpoch,
        backend,
        versions: runtimeVersions(),
      };
      const manifest = { taxonomy, encoder: encoder.identity, heads, minimumSimilarity, ngrams, training };
      const classifier = openClassifier({ ...trained, manifest, id: 'unsaved' }, encoder.identity);
      const test = rowsOf(articles, 'test');
      const evaluation = evaluateClassifier(
        classifier,
        heads,
        labelledFeatures(classifier, articles, vectors, test),
        { seed: config.seed, slices: test.map((row) => slicesOf(articles[row]!)) },
      );
      const figures = headlineFigures(evaluation);
      const card = writeModelCard(manifest, evaluation, await datasheetSummary(config.dataFile));
      signal.throwIfAborted();
      const { name } = await saveVersion(
        config.modelFolder,
        { ...trained, manifest: { ...manifest, figures } },
        { 'README.md': card },
      );
      print(formatEvaluation(evaluation));
      print(`saved ${join(config.modelFolder, name)}, now the current version; best epoch ${bestEpoch}`);
    } finally {
      await encoder.close();
    }
  },
});
