/** Evaluates a classifier on labelled features: scores with intervals, beside the baselines and by slices. */

import type { Manifest } from '../classifier/bundle.ts';
import { calibrate, UNCALIBRATED } from '../classifier/calibration.ts';
import type { Classifier } from '../classifier/classifier.ts';
import type { LabelledFeatures } from '../classifier/features.ts';
import { encodeTargets } from '../classifier/targets.ts';
import { type Article, articleText } from '../dataset/article.ts';
import { type EvaluationOptions, evaluateHead, HEADLINES, type HeadEvaluation } from './head.ts';
import { notesOnLabels } from './notes.ts';

export interface Evaluation {
  model: string;
  records: number;
  /** What the reader must know of the data. */
  notes: string[];
  /** Heads of which at least one record knows the labels. */
  heads: HeadEvaluation[];
}

/** The figures that a bundle's manifest keeps. */
export const headlineFigures = ({ heads }: Evaluation): NonNullable<Manifest['figures']> =>
  Object.fromEntries(
    heads.map(({ head, intervals }) => [
      head,
      Object.fromEntries(
        HEADLINES.map((name) => {
          const { value, low, high } = intervals[name];
          return [name, [value, low, high]] as const;
        }),
      ),
    ]),
  );

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
  classifier: Pick<Classifier, 'logits' | 'probabilities' | 'id'>,
  heads: Pick<Manifest['heads'][number], 'thresholds'>[],
  data: LabelledFeatures,
  options: EvaluationOptions,
): Evaluation {
  const probabilities = classifier.probabilities(data);
  const raw = classifier
    .logits(data)
    .map((logits, i) => calibrate(logits, data.targets[i]!.head, UNCALIBRATED));
  return {
    model: classifier.id,
    records: data.targets[0]!.known.length,
    notes: data.targets.flatMap((targets, i) => [
      ...notesOnLabels(targets),
      ...(targets.known.includes(1) && options.baselines?.some(({ decisions }) => decisions[i] === undefined)
        ? [`${targets.head.id}: no training text names a label of this head, so it has no baselines`]
        : []),
    ]),
    heads: data.targets.flatMap((targets, i) =>
      targets.known.includes(1)
        ? [
            evaluateHead(
              { probabilities: probabilities[i]!, raw: raw[i]! },
              targets,
              heads[i]!.thresholds,
              i,
              options,
            ),
          ]
        : [],
    ),
  };
}
