import { useBackend } from '../src/classifier/backend.ts';
import { loadBundle } from '../src/classifier/bundle.ts';
import { openClassifier } from '../src/classifier/classifier.ts';
import { encodeTargets } from '../src/classifier/targets.ts';
import type { Config } from '../src/config.ts';
import { articleText } from '../src/dataset/article.ts';
import { readArticles } from '../src/dataset/jsonl.ts';
import type { Taxonomy } from '../src/dataset/taxonomy.ts';
import { RasidError } from '../src/errors.ts';
import { decideBaselines, type LabelledTexts } from '../src/evaluation/baselines.ts';
import { evaluateClassifier, labelledFeatures } from '../src/evaluation/evaluate.ts';
import { slicesOf } from '../src/evaluation/slices.ts';
import { formatEvaluation } from '../src/evaluation/table.ts';
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
    'no-baselines': { type: 'boolean', description: 'Leaves the baselines out' },
    json: { type: 'boolean', description: 'Print JSON instead of a table' },
  },
  async run({ config, options, signal, print, warn }) {
    await useBackend(config.backend);
    const bundle = await loadBundle(config.modelFolder);
    const { taxonomy, heads } = bundle.manifest;
    const path = options.data ?? config.dataFile;
    const all = await readArticles(path, taxonomy);
    const articles = all.filter(
      ({ split, labels }) => labels !== undefined && (options.data !== undefined || split === 'test'),
    );
    if (articles.length === 0) {
      throw new RasidError(
        'data-empty',
        `${path}: holds no labelled article${options.data ? '' : ' in its test split'}`,
      );
    }
    const encoder = await openEncoderWithProgress(config, warn);
    try {
      const classifier = openClassifier(bundle, encoder.identity);
      const { vectors } = await embedArticles(encoder, articles, signal, warn);
      const rows = [...articles.keys()];
      const data = labelledFeatures(classifier, articles, vectors, rows);
      const training = options['no-baselines'] ? undefined : await trainingTexts(config, taxonomy);
      const baselines = training && (await decideBaselines(training, articles.map(articleText)));
      const evaluation = evaluateClassifier(classifier, heads, data, {
        seed: config.seed,
        slices: articles.map(slicesOf),
        articles,
        abstains: classifier.classify(data).map(({ abstains }) => abstains),
        ...(baselines ? { baselines } : {}),
      });
      print(options.json ? JSON.stringify(evaluation, null, 2) : formatEvaluation(evaluation));
    } finally {
      await encoder.close();
    }
  },
});

/** What the baselines learn from: the training rows of the data file, whatever is evaluated. */
async function trainingTexts(config: Config, taxonomy: Taxonomy): Promise<LabelledTexts> {
  const all = await readArticles(config.dataFile, taxonomy);
  const used = all.filter(({ split }) => split === 'train' || split === 'validation');
  return { texts: used.map(articleText), targets: encodeTargets(used, taxonomy) };
}
