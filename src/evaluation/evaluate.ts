/** Evaluates a classifier on labelled features: scores with intervals, as a table for people and as plain data. */

import type { Manifest } from '../classifier/bundle.ts';
import type { Classifier } from '../classifier/classifier.ts';
import type { LabelledFeatures } from '../classifier/fit.ts';
import { encodeTargets } from '../classifier/targets.ts';
import { type Article, articleText } from '../dataset/article.ts';
import { bootstrapIntervals, type Interval } from './bootstrap.ts';
import { decide, type HeadScore, scoreHead } from './metrics.ts';

export interface HeadEvaluation extends HeadScore {
  head: string;
  intervals: Record<'microF1' | 'macroF1' | 'accuracy', Interval>;
}

export interface Evaluation {
  model: string;
  records: number;
  heads: HeadEvaluation[];
}

const HEADLINES = ['microF1', 'macroF1', 'accuracy'] as const;

/** Features and labels of the given rows of articles, as the classifier reads them. */
export function labelledFeatures(
  classifier: Pick<Classifier, 'features' | 'taxonomy' | 'encoder'>,
  articles: readonly Article[],
  vectors: Float32Array,
  rows: readonly number[],
): LabelledFeatures {
  const { dim } = classifier.encoder;
  const chosen = rows.map((row) => articles[row]!);
  const own = new Float32Array(rows.length * dim);
  for (const [i, row] of rows.entries()) own.set(vectors.subarray(row * dim, (row + 1) * dim), i * dim);
  return {
    ...classifier.features(chosen.map(articleText), own),
    targets: encodeTargets(chosen, classifier.taxonomy),
  };
}

/** Scores every head of the classifier on data whose targets follow its taxonomy. */
export function evaluateClassifier(
  classifier: Pick<Classifier, 'probabilities' | 'id'>,
  heads: Manifest['heads'],
  data: LabelledFeatures,
  seed: number,
): Evaluation {
  const probabilities = classifier.probabilities(data);
  const records = data.targets[0]!.known.length;
  const all = Array.from({ length: records }, (_, i) => i);
  return {
    model: classifier.id,
    records,
    heads: data.targets.map((targets, i) => {
      const decisions = decide(probabilities[i]!, targets, heads[i]!.thresholds);
      const intervals = bootstrapIntervals(
        records,
        (rows) => {
          const score = scoreHead(decisions, targets, rows);
          return HEADLINES.map((name) => score[name]);
        },
        { seed },
      );
      const named = Object.fromEntries(HEADLINES.map((name, k) => [name, intervals[k]!]));
      return {
        head: targets.head.id,
        ...scoreHead(decisions, targets, all),
        intervals: named as HeadEvaluation['intervals'],
      };
    }),
  };
}

const percent = (x: number) => (100 * x).toFixed(1).padStart(5);

/** The text table: headline figures with 95 % intervals, then every label. */
export function formatEvaluation({ heads }: Evaluation): string {
  const lines: string[] = [];
  for (const { head, intervals, labels, records } of heads) {
    lines.push(`${head} (${records} articles)`);
    for (const name of HEADLINES) {
      const { value, low, high } = intervals[name];
      lines.push(`  ${name.padEnd(20)} ${percent(value)}   95 % interval ${percent(low)} – ${percent(high)}`);
    }
    lines.push(`  ${'label'.padEnd(20)} precision  recall      F1  support`);
    for (const { id, precision, recall, f1, support } of labels) {
      lines.push(
        `  ${id.padEnd(20)} ${percent(precision).padStart(9)} ${percent(recall).padStart(7)} ${percent(f1).padStart(7)} ${String(support).padStart(8)}`,
      );
    }
    lines.push('');
  }
  return lines.join('\n');
}
