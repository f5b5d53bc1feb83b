/**
 * A search for better training options: random search (Bergstra and Bengio 2012), which needs no more trials for options
 * that matter little, scored by held-out loss as training itself is. The first trial is the defaults. A trial whose
 * folds are clearly worse than the best trial's is given up early (racing; Maron and Moore 1994).
 *
 * The trials of a seed come in one order, whatever the time: the same seed and number of trials give the same result.
 */

import { type Random, seededRandom } from '../random.ts';
import { crossValidate, type FitContext, FOLDS, fitWithValidation } from './cross-validation.ts';
import { type Prepared, prepareTraining, type TrainingInput, twoDigits } from './prepare.ts';
import type { TrainingOptions } from './training-options.ts';

/** What a trial chooses. */
export interface TrialOptions
  extends Pick<
    TrainingOptions,
    | 'depth'
    | 'hidden'
    | 'dropout'
    | 'wideLossWeight'
    | 'learningRate'
    | 'weightDecay'
    | 'wideLearningRate'
    | 'wideDropout'
    | 'batchSize'
  > {
  /** Whether n-grams are read beside the vectors. */
  ngrams: boolean;
}

export interface Trial {
  options: TrialOptions;
  /** Held-out loss of each fold that was run; of the validation split where that is large. */
  losses: readonly number[];
  /** Whether the trial was given up before its last fold. */
  givenUp: boolean;
}

const mean = (losses: readonly number[], n = losses.length) =>
  losses.slice(0, n).reduce((a, b) => a + b, 0) / n;

/** Mean held-out loss; infinite where the trial was given up. */
export const trialLoss = ({ losses, givenUp }: Trial) => (givenUp ? Number.POSITIVE_INFINITY : mean(losses));

export interface TuneOptions {
  /** Trials done before, in order. */
  trials?: readonly Trial[];
  /** Asked before each trial; false ends the search. At least one trial is run in all. */
  goOn: (trials: readonly Trial[]) => boolean;
  /** Called after each trial with all of them. */
  onTrial?: (trials: readonly Trial[]) => void | Promise<void>;
}

/** Worse than the best trial by more than this share after as many folds: given up. */
const RACE_MARGIN = 0.05;
/** Share of trials that read vectors alone. */
const VECTORS_ALONE = 0.1;

const between = (random: Random, low: number, high: number) => twoDigits(low + (high - low) * random.next());
/** Even on a logarithmic scale. */
const scaled = (random: Random, low: number, high: number) => twoDigits(low * (high / low) ** random.next());
const oneOf = (random: Random, values: readonly number[]) => values[random.below(values.length)]!;

/** The options of trial `index`, for a batch size that training would take by itself. */
function drawTrial(seed: number, index: number, batchSize: number): TrialOptions {
  // A generator of its own for each trial, so that a resumed search goes on where it stopped.
  const random = seededRandom(seed * 1_000 + index);
  return {
    depth: oneOf(random, [0, 1, 1, 2]),
    hidden: oneOf(random, [64, 128, 256]),
    dropout: between(random, 0.1, 0.6),
    learningRate: scaled(random, 1.5e-3, 1.5e-2),
    weightDecay: scaled(random, 0.2, 8),
    wideLearningRate: scaled(random, 0.03, 0.3),
    wideDropout: between(random, 0.2, 0.8),
    batchSize: Math.max(8, oneOf(random, [batchSize / 2, batchSize, batchSize * 2])),
    ngrams: random.next() >= VECTORS_ALONE,
    wideLossWeight: between(random, 0, 1),
  };
}

const defaultTrial = ({ options }: Prepared, ngrams: boolean): TrialOptions => ({
  depth: options.depth,
  hidden: options.hidden,
  dropout: options.dropout,
  wideLossWeight: options.wideLossWeight,
  learningRate: options.learningRate,
  weightDecay: options.weightDecay,
  wideLearningRate: options.wideLearningRate,
  wideDropout: options.wideDropout,
  batchSize: options.batchSize,
  ngrams,
});

/** The trial of least loss. */
export const bestTrial = (trials: readonly Trial[]): Trial =>
  trials.reduce((a, b) => (trialLoss(b) < trialLoss(a) ? b : a));

async function runTrial(
  { data, articles, counts, separate }: Prepared,
  context: FitContext,
  giveUp: (losses: readonly number[]) => boolean,
): Promise<Omit<Trial, 'options'>> {
  if (separate) {
    const { model, heldOutLoss } = await fitWithValidation(data, counts.train, context);
    model.network.dispose();
    return { losses: [heldOutLoss], givenUp: false };
  }
  let losses: readonly number[] = [];
  const done = await crossValidate(data, articles, context, (soFar) => {
    losses = [...soFar];
    return losses.length < FOLDS && giveUp(losses);
  });
  return { losses, givenUp: done === undefined };
}

/**
 * Runs trials until `goOn` says no. The test split is not read.
 * @returns All trials, those given first.
 * @throws RasidError of `prepareTraining`.
 */
export async function tuneClassifier(
  input: TrainingInput,
  { trials: before = [], goOn, onTrial }: TuneOptions,
): Promise<Trial[]> {
  const trials = [...before];
  const prepared = new Map<boolean, Prepared>();
  const prepare = (ngrams: boolean) => {
    const known = prepared.get(ngrams) ?? prepareTraining({ ...input, ngrams });
    prepared.set(ngrams, known);
    return known;
  };
  const { taxonomy, signal, encoder } = input;
  const context = { taxonomy, dim: encoder.dim, signal };
  while (trials.length === 0 || goOn(trials)) {
    const own = prepare(input.ngrams);
    const isFirst = trials.length === 0;
    const options = isFirst
      ? defaultTrial(own, input.ngrams)
      : drawTrial(input.seed, trials.length, own.options.batchSize);
    const { ngrams, ...chosen } = options;
    const using = prepare(ngrams && input.ngrams);
    const best = isFirst ? undefined : bestTrial(trials).losses;
    const result = await runTrial(
      using,
      // One fit tells which options are better; the mean of several is for what is kept.
      { ...context, options: { ...using.options, fits: 1, ...chosen } },
      (losses) => best !== undefined && mean(losses) > mean(best, losses.length) * (1 + RACE_MARGIN),
    );
    trials.push({ options, ...result });
    await onTrial?.(trials);
  }
  return trials;
}
