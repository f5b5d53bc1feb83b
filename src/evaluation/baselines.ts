/** What a classifier must beat: the most frequent label, logistic regression on TF-IDF, and fastText. */

import { type Calibration, calibrate, fitCalibration, UNCALIBRATED } from '../classifier/calibration.ts';
import { fitLogisticRegression, linearLogits } from '../classifier/logistic-regression.ts';
import { countLabels, type HeadTargets, selectTargets } from '../classifier/targets.ts';
import { createNgramWeigher, fitTfidf, leastTexts, type NgramWeigher } from '../classifier/tfidf.ts';
import { fitThresholds } from '../classifier/thresholds.ts';
import { seededRandom } from '../random.ts';
import type { NgramOptions } from '../text/ngrams.ts';
import { fastTextAvailable, scoreWithFastText } from './fasttext.ts';
import { decide } from './metrics.ts';

export interface LabelledTexts {
  texts: readonly string[];
  /** One entry per head. */
  targets: readonly HeadTargets[];
}

export interface Baseline {
  name: string;
  /** Decisions [n, labels] per head; undefined where no training text knows the head. */
  decisions: (Uint8Array | undefined)[];
}

/** Trains on texts that all know the head and gives the logits of the labels of others: [n, labels]. */
type Method = (
  texts: readonly string[],
  targets: HeadTargets,
  others: readonly string[],
) => Float32Array | Promise<Float32Array>;

/** The most frequent label. */
const majority: Method = (_, targets, others) => {
  const counts = countLabels(targets);
  const label = counts.indexOf(Math.max(...counts));
  return Float32Array.from({ length: others.length * counts.length }, (_, i) =>
    i % counts.length === label ? 1 : -1,
  );
};

/** Inverse strength of the penalty: of 1, 10 and 100 the best on the dev splits of news and sentiment sets. */
const C = 10;

/** Where its fit stops: ten times looser than the default decides alike, in half the time. */
const TOLERANCE = 1e-3;

/** More n-grams than the classifier's own, and buckets enough that few of them share one: a yardstick is not to be spared. */
const NGRAMS: NgramOptions = { words: [1, 2], characters: [2, 5], buckets: 2 ** 20 };

/** TF-IDF of words 1–2 and characters 2–5, with the frequencies of the training texts. */
export const weigherOfBaseline = (texts: readonly string[]): NgramWeigher =>
  createNgramWeigher(fitTfidf(texts, leastTexts(texts.length), NGRAMS));

const tfidfRegression: Method = (texts, { head, labels }, others) => {
  const weigh = weigherOfBaseline(texts);
  const link = head.kind === 'one-of' ? 'softmax' : 'sigmoid';
  const options = { C, link, tolerance: TOLERANCE } as const;
  const model = fitLogisticRegression(weigh(texts), labels, head.labels.length, options);
  return Float32Array.from(linearLogits(weigh(others), model));
};

const logit = (p: number) => Math.log((p + 1e-6) / (1 - p + 1e-6));

const fastText: Method = async (texts, { head, labels }, others) => {
  const classes = head.labels.length;
  const own = texts.map((_, row) =>
    [...head.labels.keys()].filter((label) => labels[row * classes + label] === 1),
  );
  const loss = head.kind === 'one-of' ? 'softmax' : 'ova';
  return (await scoreWithFastText({ texts, labels: own }, others, { classes, loss })).map(logit);
};

/** One training text in so many sets the thresholds of a baseline. */
const HELD_OUT = 3;

interface Tuned {
  calibration: Calibration;
  thresholds: number[];
}

/** Calibration and thresholds from held-out texts: a fair yardstick has tuned thresholds, as the classifier does. */
async function tune(method: Method, texts: readonly string[], targets: HeadTargets): Promise<Tuned> {
  const order = seededRandom(1).shuffle([...texts.keys()]);
  const [held, rest] = [true, false].map((isHeld) => order.filter((_, i) => (i % HELD_OUT === 0) === isHeld));
  const take = (rows: readonly number[]) => rows.map((row) => texts[row]!);
  const logits = await method(take(rest!), selectTargets(targets, rest!), take(held!));
  const own = selectTargets(targets, held!);
  const calibration = fitCalibration(logits, own);
  return { calibration, thresholds: fitThresholds(calibrate(logits, own.head, calibration), own).thresholds };
}

async function decideHead(
  method: Method,
  training: LabelledTexts,
  index: number,
  texts: readonly string[],
): Promise<Uint8Array | undefined> {
  const all = training.targets[index]!;
  const rows = Array.from(all.known.keys()).filter((row) => all.known[row]);
  if (rows.length === 0) return undefined;
  const own = rows.map((row) => training.texts[row]!);
  const targets = selectTargets(all, rows);
  const isTuned = all.head.kind === 'multi-label' && method !== majority && rows.length >= HELD_OUT;
  const { calibration, thresholds }: Tuned = isTuned
    ? await tune(method, own, targets)
    : { calibration: UNCALIBRATED, thresholds: all.head.labels.map(() => 0.5) };
  const logits = await method(own, targets, texts);
  return decide(calibrate(logits, all.head, calibration), all, thresholds);
}

/**
 * Trains the baselines and has them decide on the texts; fastText where its program is installed.
 * @param onBaseline Told the name of each before it is trained: together they take minutes.
 */
export async function decideBaselines(
  training: LabelledTexts,
  texts: readonly string[],
  onBaseline?: (name: string) => void,
): Promise<Baseline[]> {
  const methods: [string, Method][] = [
    ['majority', majority],
    ['TF-IDF + logistic regression', tfidfRegression],
    ...(fastTextAvailable() ? [['fastText', fastText] satisfies [string, Method]] : []),
  ];
  const baselines: Baseline[] = [];
  for (const [name, method] of methods) {
    onBaseline?.(name);
    const decisions: Baseline['decisions'] = [];
    for (const index of training.targets.keys())
      decisions.push(await decideHead(method, training, index, texts));
    baselines.push({ name, decisions });
  }
  return baselines;
}
