/** The main job without its files: labelled vectors in, a trained bundle's content out. */

import type { BundleContent, Manifest } from './bundle.ts';
import { calibrate, fitCalibration } from './calibration.ts';
import { fitWithFolds, fitWithValidation } from './cross-validation.ts';
import { fitFamiliarity } from './familiarity.ts';
import { splitHeads } from './network.ts';
import { roundWide } from './ngram-file.ts';
import { NGRAMS_PER_TEXT, prepareTraining, type TrainingInput } from './prepare.ts';
import { fitThresholds } from './thresholds.ts';
import type { TrainingOptions } from './training-options.ts';

export interface Trained extends BundleContent {
  heads: Manifest['heads'];
  ngrams: Manifest['ngrams'];
  minimumSimilarity: number;
  options: TrainingOptions;
  bestEpoch: number;
  counts: { train: number; validation: number };
  heldOut: Manifest['training']['heldOut'];
  /** What the user should know: labels that cannot be learnt, thresholds left at their default. */
  warnings: string[];
}

/**
 * Trains on the train and validation splits; the test split is not read. Where the validation split is large, it alone
 * decides when to stop and tunes calibration and thresholds. Else cross-validation over both splits does, and the
 * final fit uses all their rows.
 * @throws RasidError `data-empty`, `training-impossible` or `threshold-unreachable`.
 */
export async function trainClassifier(input: TrainingInput): Promise<Trained> {
  const { data, articles, counts, separate, tfidf, options, warnings } = prepareTraining(input);
  const { taxonomy, onEpoch, signal } = input;
  const { dim } = input.encoder;
  const context = { taxonomy, dim, options, onEpoch, signal };
  const { model, bestEpoch, heldOut, logits } = separate
    ? await fitWithValidation(data, counts.train, context)
    : await fitWithFolds(data, articles, context);
  const perHead = splitHeads(logits, taxonomy);
  const heads = heldOut.targets.map((targets, i) => {
    const calibration = fitCalibration(perHead[i]!, targets);
    const probabilities = calibrate(perHead[i]!, targets.head, calibration);
    const { thresholds, tuned } = fitThresholds(probabilities, targets, input.minPrecision);
    for (const [name, { threshold, precision, recall }] of Object.entries(tuned)) {
      warnings.push(
        `${name}: threshold ${threshold.toFixed(2)} gives held-out precision ${precision.toFixed(2)} at recall ${recall.toFixed(2)}`,
      );
    }
    return { calibration, thresholds };
  });
  const { centroids, minimum } = fitFamiliarity(data, heldOut.vectors, dim);
  return {
    network: model.network,
    wide: roundWide(model.wide),
    tfidf,
    centroids,
    heads,
    ngrams: tfidf && { ...tfidf.options, mostPerText: NGRAMS_PER_TEXT, columns: tfidf.buckets.length },
    minimumSimilarity: minimum,
    options,
    bestEpoch,
    counts,
    heldOut: separate ? 'validation' : 'cross-validation',
    warnings,
  };
}
