/** What a classifier must beat: guessing the most frequent label, and logistic regression on TF-IDF. */

import {
  fitLogisticRegression,
  linearLogits,
  sigmoidAll,
  softmaxRows,
} from '../classifier/logistic-regression.ts';
import { countLabels, type HeadTargets, selectTargets } from '../classifier/targets.ts';
import { createNgramWeigher, fitTfidf, leastTexts, selectRows } from '../classifier/tfidf.ts';
import { decide } from './metrics.ts';

export interface LabelledTexts {
  texts: readonly string[];
  /** One entry per head. */
  targets: readonly HeadTargets[];
}

export interface Baseline {
  name: string;
  /** Decisions [n, labels] per head. */
  decisions: Uint8Array[];
}

/** Inverse strength of the penalty: of 1, 10 and 100 the best on the dev splits of news and sentiment sets. */
const C = 10;

/** The most frequent label of each head, for every text. */
function majority(training: LabelledTexts, texts: number): Baseline {
  const decisions = training.targets.map((targets) => {
    const counts = countLabels(targets);
    const label = counts.indexOf(Math.max(...counts));
    return Uint8Array.from({ length: texts * counts.length }, (_, i) =>
      i % counts.length === label ? 1 : 0,
    );
  });
  return { name: 'majority', decisions };
}

/** TF-IDF of words 1–2 and characters 2–5; a multi-label text gets the labels from 0.5 on, and the best one at least. */
function tfidfRegression(training: LabelledTexts, texts: readonly string[]): Baseline {
  const weigh = createNgramWeigher(fitTfidf(training.texts, leastTexts(training.texts.length)));
  const [rows, test] = [weigh(training.texts), weigh(texts)];
  const decisions = training.targets.map((targets) => {
    const { head, known } = targets;
    const width = head.labels.length;
    const usable = Array.from(known.keys()).filter((row) => known[row]);
    const own = selectTargets(targets, usable);
    const link = head.kind === 'one-of' ? 'softmax' : 'sigmoid';
    const model = fitLogisticRegression(selectRows(rows, usable), own.labels, width, { C, link });
    const logits = linearLogits(test, model);
    const probabilities = Float32Array.from(
      link === 'softmax' ? softmaxRows(logits, width) : sigmoidAll(logits),
    );
    const accepted = decide(probabilities, targets, new Array<number>(width).fill(0.5));
    const best = decide(probabilities, { ...targets, head: { ...head, kind: 'one-of' } }, []);
    for (let start = 0; start < accepted.length; start += width)
      if (!accepted.subarray(start, start + width).includes(1))
        accepted.set(best.subarray(start, start + width), start);
    return accepted;
  });
  return { name: 'TF-IDF + logistic regression', decisions };
}

/** Trains the baselines and has them decide on the texts. */
export const decideBaselines = (training: LabelledTexts, texts: readonly string[]): Baseline[] => [
  majority(training, texts.length),
  tfidfRegression(training, texts),
];
