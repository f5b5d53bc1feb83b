/** The model card (Mitchell et al. 2019) of a trained classifier: written by training, from what training knows. */

import type { Manifest } from '../classifier/bundle.ts';
import type { Interval } from './bootstrap.ts';
import type { Evaluation } from './evaluate.ts';
import { HEADLINES, type HeadEvaluation } from './head.ts';

const percent = (x: number) => (100 * x).toFixed(1);
const within = ({ value, low, high }: Interval) => `${percent(value)} (${percent(low)} – ${percent(high)})`;
const NAMES = { microF1: 'micro F1', macroF1: 'macro F1', accuracy: 'accuracy' } as const;

const table = (header: string[], rows: string[][]) =>
  [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

function headSection(head: HeadEvaluation, { thresholds }: Manifest['heads'][number]): string {
  const labels = head.labels.map(({ id, precision, recall, f1, support }, k) => [
    id,
    percent(precision),
    percent(recall),
    percent(f1),
    String(support),
    thresholds[k] === undefined ? 'highest' : thresholds[k].toFixed(2),
  ]);
  return [
    `### ${head.head}`,
    HEADLINES.map((name) => `${NAMES[name]} ${within(head.intervals[name])}`).join(', '),
    `Expected calibration error ${percent(head.calibration.error)} (before calibration ${percent(head.rawCalibration.error)}). ${head.records} articles.`,
    table(['label', 'precision', 'recall', 'F1', 'support', 'threshold'], labels),
  ].join('\n\n');
}

/**
 * @param evaluation On the test split.
 * @param dataSummary First paragraph of the datasheet beside the data, if there is one.
 */
export function writeModelCard(
  manifest: Pick<Manifest, 'taxonomy' | 'encoder' | 'heads' | 'training' | 'ngrams'>,
  evaluation: Evaluation,
  dataSummary: string | undefined,
): string {
  const { taxonomy, encoder, training, ngrams } = manifest;
  const { articles, options, versions } = training;
  const heads = taxonomy.heads.map(
    ({ id, kind, labels }) =>
      `- \`${id}\` (${kind === 'one-of' ? 'one of' : 'any number of'}): ${labels.map((label) => label.id).join(', ')}`,
  );
  const inputs = ngrams
    ? `vectors of ${encoder.dim} components and ${ngrams.columns.toLocaleString('en')} hashed n-grams`
    : `vectors of ${encoder.dim} components`;
  return `${[
    '# Model card',
    'A classifier of news texts, written by `npm run train`. It gives every label a calibrated probability and says when a text is unlike its training data.',
    '## Labels',
    heads.join('\n'),
    '## Data',
    `${articles.train} articles to train on and ${articles.validation} for validation; sha256 \`${training.data}\`.${dataSummary ? ` From the datasheet: ${dataSummary}` : ''}`,
    '## Figures on the test split',
    'In percent, with 95 % bootstrap intervals. The test split was not used to choose anything.',
    ...taxonomy.heads.flatMap(({ id }, i) => {
      const head = evaluation.heads.find((evaluated) => evaluated.head === id);
      return head === undefined ? [] : [headSection(head, manifest.heads[i]!)];
    }),
    ...evaluation.notes.map((note) => `Note: ${note}.`),
    '## How it was made',
    `Encoder ${encoder.name} (weights sha256 \`${encoder.weights}\`); the network reads ${inputs}. ${training.bestEpoch} epochs, chosen by ${training.heldOut === 'validation' ? 'the validation split' : 'cross-validation over train and validation'}, which also set calibration and thresholds.`,
    `Options: ${Object.entries(options)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}.`,
    `Environment: TensorFlow.js backend ${training.backend}; ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}.`,
    '## Limits',
    `Labels describe what a text says, not what is true. A text is read up to ${encoder.maxTokens} tokens. Figures hold for texts like those of the data; other outlets, dialects, languages and times may fare worse, so measure on your own articles (\`npm run evaluate -- --data file\`). Do not decide about people on these labels alone.`,
  ].join('\n\n')}\n`;
}
