/** fastText (Joulin et al. 2017) through its own program, where it is installed. */

import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { normalisedWords } from '../text/normalise.ts';

const run = promisify(execFile);

export const fastTextAvailable = () => spawnSync('fasttext', { stdio: 'ignore' }).error === undefined;

const line = (text: string) => normalisedWords(text).join(' ');
const PREFIX = '__label__';

export interface FastTextInput {
  texts: readonly string[];
  /** Label indices of each text. */
  labels: readonly (readonly number[])[];
}

export interface FastTextOptions {
  /** How many labels there are. */
  classes: number;
  /** `softmax`: one label a text. `ova`: any number, each on its own. */
  loss: 'softmax' | 'ova';
  /** With more than one, fastText does not repeat itself. */
  threads?: number;
}

/**
 * Rate and epochs; small sets need more of them, up to a hundred. `ova` learns slowly: at the rate of `softmax` it is left
 * far behind on a thousand texts (mean average precision 0.23 against 0.54).
 */
const scheduleFor = (loss: FastTextOptions['loss'], texts: number) => {
  const [lr, seen] = loss === 'ova' ? [1, 125_000] : [0.5, 50_000];
  return { lr, epoch: Math.min(100, Math.max(10, Math.ceil(seen / texts))) };
};

/** Buckets of n-grams: fastText's default fills 800 MB, which a small set does not need. */
const bucketsFor = (texts: number) => (texts < 10_000 ? 200_000 : 2_000_000);

/**
 * Trains with word bigrams and character n-grams of 2 to 5, and scores the labels of each test text: [n, classes],
 * 0 to 1. A text without words gets 0 throughout.
 */
export async function scoreWithFastText(
  training: FastTextInput,
  texts: readonly string[],
  { classes, loss, threads = 1 }: FastTextOptions,
): Promise<Float32Array> {
  const folder = await mkdtemp(join(tmpdir(), 'rasid-fasttext-'));
  try {
    const at = (name: string) => join(folder, name);
    const named = (labels: readonly number[]) => labels.map((label) => `${PREFIX}${label}`).join(' ');
    const rows = training.texts.map((text, i) => `${named(training.labels[i]!)} ${line(text)}\n`);
    await writeFile(at('train.txt'), rows.join(''));
    await writeFile(at('test.txt'), texts.map((text) => `${line(text)}\n`).join(''));
    const settings = {
      input: at('train.txt'),
      output: at('model'),
      wordNgrams: 2,
      minn: 2,
      maxn: 5,
      bucket: bucketsFor(training.texts.length),
      ...scheduleFor(loss, training.texts.length),
      loss,
      thread: threads,
      seed: 1,
      verbose: 0,
    };
    await run('fasttext', [
      'supervised',
      ...Object.entries(settings).flatMap(([name, value]) => [`-${name}`, String(value)]),
    ]);
    const predict = ['predict-prob', at('model.bin'), at('test.txt'), '-1', '0'];
    const { stdout } = await run('fasttext', predict, { maxBuffer: 2 ** 30 });
    return parseScores(stdout, texts.length, classes);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `__label__2 0.9 __label__0 0.1` per text → [n, classes] */
function parseScores(output: string, texts: number, classes: number): Float32Array {
  const scores = new Float32Array(texts * classes);
  for (const [row, written] of output.split('\n').slice(0, texts).entries()) {
    const parts = written.trim().split(' ');
    for (let i = 0; i + 1 < parts.length; i += 2) {
      const label = Number(parts[i]!.slice(PREFIX.length));
      // fastText adds 1e-5 to every probability.
      scores[row * classes + label] = Math.min(1, Number(parts[i + 1]));
    }
  }
  return scores;
}

/** Trains on texts of one label each and predicts the label of each test text. */
export async function predictWithFastText(
  train: { texts: readonly string[]; labels: readonly number[] },
  test: readonly string[],
): Promise<number[]> {
  const classes = Math.max(...train.labels) + 1;
  const labels = train.labels.map((label) => [label]);
  const options = { classes, loss: 'softmax', threads: 2 } as const;
  const scores = await scoreWithFastText({ texts: train.texts, labels }, test, options);
  return test.map((_, row) => {
    const own = scores.subarray(row * classes, (row + 1) * classes);
    return own.indexOf(Math.max(...own));
  });
}
