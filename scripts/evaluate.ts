import { useBackend } from '../src/classifier/backend.ts';
import type { Manifest } from '../src/classifier/bundle.ts';
import { openClassifier } from '../src/classifier/classifier.ts';
import { explainTexts } from '../src/classifier/explain.ts';
import { loadCurrent } from '../src/classifier/store.ts';
import { encodeTargets } from '../src/classifier/targets.ts';
import type { Config } from '../src/config.ts';
import { type Article, articleText } from '../src/dataset/article.ts';
import { hashArticles, readArticles } from '../src/dataset/jsonl.ts';
import { RasidError } from '../src/errors.ts';
import { decideBaselines } from '../src/evaluation/baselines.ts';
import { compareDecisions, decideAll } from '../src/evaluation/compare.ts';
import { formatComparison } from '../src/evaluation/compare-table.ts';
import { evaluateClassifier, labelledFeatures } from '../src/evaluation/evaluate.ts';
import { explainMistakes } from '../src/evaluation/mistakes.ts';
import { noteOnOverlap } from '../src/evaluation/notes.ts';
import { writeReport } from '../src/evaluation/report/report.ts';
import { slicesOf } from '../src/evaluation/slices.ts';
import { formatEvaluation } from '../src/evaluation/table.ts';
import { writeFileAtomically } from '../src/storage.ts';
import { runCommand } from './lib/cli.ts';
import { embedArticles, openEncoderWithProgress } from './lib/embed.ts';
import { ENCODER_SETTINGS } from './lib/settings.ts';

await runCommand({
  name: 'evaluate',
  summary: 'Evaluates the trained classifier on the stored test split, or on every article of --data.',
  settings: ['dataFile', 'modelFolder', 'backend', 'seed', ...ENCODER_SETTINGS],
  options: {
    data: {
      type: 'string',
      value: 'file',
      description: 'Evaluate on all labelled articles of this JSONL file instead',
    },
    compare: {
      type: 'string',
      value: 'folder',
      description: 'Another classifier: figures side by side, and the texts that changed from it to this one',
    },
    'compare-encoder': {
      type: 'string',
      value: 'folder',
      description: 'Encoder of the other classifier, where it is not the same',
    },
    'no-baselines': { type: 'boolean', description: 'Leaves the baselines out' },
    html: {
      type: 'string',
      value: 'file',
      description: 'Also write a report with plots: one HTML file that works offline',
    },
    json: { type: 'boolean', description: 'Print JSON instead of a table' },
  },
  async run({ config, options, signal, print, warn }) {
    await useBackend(config.backend);
    const bundle = await loadCurrent(config.modelFolder);
    const other = options.compare === undefined ? undefined : await loadCurrent(options.compare);
    const { taxonomy, heads } = bundle.manifest;
    const wantsBaselines = !options['no-baselines'];
    const { articles, training, notes } = await readData(
      config,
      bundle.manifest,
      options.data,
      wantsBaselines,
    );
    const encoder = await openEncoderWithProgress(config, warn);
    try {
      const classifier = openClassifier(bundle, encoder.identity);
      const { vectors } = await embedArticles(encoder, articles, signal, warn);
      const data = labelledFeatures(classifier, articles, vectors, [...articles.keys()]);
      const texts = articles.map(articleText);
      const before = other && (await decideOther(other));
      const known = { texts: training.map(articleText), targets: encodeTargets(training, taxonomy) };
      if (wantsBaselines) warn('training the baselines; --no-baselines leaves them out');
      const onBaseline = (name: string) => warn(`baseline ${name}`);
      const evaluation = evaluateClassifier(classifier, heads, data, {
        seed: config.seed,
        slices: articles.map(slicesOf),
        articles,
        abstains: classifier.classify(data).map(({ abstains }) => abstains),
        baselines: wantsBaselines ? await decideBaselines(known, texts, onBaseline) : [],
      });
      evaluation.notes.unshift(...notes);
      for (const head of evaluation.heads)
        head.mistakes = await explainMistakes(head.head, head.mistakes, taxonomy, (own) =>
          explainTexts(own, { classifier, encoder }, { signal }),
        );
      const comparison =
        before && compareDecisions(before, decideAll(classifier, heads, data), articles, config);
      if (options.html !== undefined) {
        const source = options.data ?? `the test split of ${config.dataFile}`;
        const report = { evaluation, data: source, ...(comparison ? { comparison } : {}) };
        await writeFileAtomically(options.html, writeReport(report));
        warn(`wrote ${options.html}`);
      }
      if (options.json) {
        print(JSON.stringify({ ...evaluation, ...(comparison ? { comparison } : {}) }, null, 2));
      } else {
        print(formatEvaluation(evaluation));
        if (comparison) print(formatComparison(comparison));
      }
    } finally {
      await encoder.close();
    }

    /** Decisions of the other classifier, under the encoder settings that it was trained with. */
    async function decideOther(theirs: NonNullable<typeof other>) {
      const { prefix, pooling, windowTokens, maxTokens } = theirs.manifest.encoder;
      const settings = { encoderPrefix: prefix, encoderPooling: pooling, windowTokens, maxTokens };
      const path = options['compare-encoder'] ?? config.encoder;
      const own = await openEncoderWithProgress({ ...config, ...settings, encoder: path }, warn);
      try {
        const classifier = openClassifier(theirs, own.identity);
        const { vectors } = await embedArticles(own, articles, signal, warn);
        const features = classifier.features(articles.map(articleText), vectors);
        return decideAll(classifier, theirs.manifest.heads, features);
      } catch (error) {
        if (!(error instanceof RasidError) || error.code !== 'bundle-mismatch') throw error;
        throw new RasidError(error.code, `${options.compare}: ${error.message}`, {
          hint: 'Name the encoder of the other classifier with --compare-encoder.',
        });
      } finally {
        await own.close();
      }
    }
  },
});

/**
 * The articles to evaluate on, and those of the data file that were to be trained on.
 * @param needsTraining Whether the data file is read even where it is not evaluated.
 */
async function readData(
  config: Config,
  { taxonomy, training: { data: hash } }: Manifest,
  path: string | undefined,
  needsTraining: boolean,
): Promise<{ articles: Article[]; training: Article[]; notes: string[] }> {
  const stored = path === undefined || needsTraining ? await readArticles(config.dataFile, taxonomy) : [];
  const all =
    path === undefined ? stored.filter(({ split }) => split === 'test') : await readArticles(path, taxonomy);
  const articles = all.filter(({ labels }) => Object.keys(labels ?? {}).length > 0);
  if (articles.length === 0) {
    const where = path === undefined ? `${config.dataFile}: its test split` : `${path}:`;
    throw new RasidError('data-empty', `${where} holds no labelled article`, {
      hint:
        path === undefined
          ? 'Assign splits with `npm run split`, or evaluate on a file of your own with --data.'
          : 'Give its records labels of the classifier’s taxonomy.',
    });
  }
  const training = stored.filter(({ split }) => split === 'train' || split === 'validation');
  const notes: string[] = [];
  if (all.length > articles.length)
    notes.push(`${all.length - articles.length} of ${all.length} articles have no labels and are left out`);
  if (path !== undefined) notes.push(...noteOnOverlap(articles.map(articleText), training.map(articleText)));
  else if (hashArticles(stored) !== hash)
    notes.push(
      `${config.dataFile} has changed since the classifier was trained; texts of its test split may have been trained on`,
    );
  return { articles, training, notes };
}
