/** fastText (Joulin et al. 2017) through its own program, where it is installed. */

import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { normalisedWords } from '../../src/text/normalise.ts';

const run = promisify(execFile);

export const fastTextAvailable = () => spawnSync('fasttext', { stdio: 'ignore' }).error === undefined;

const line = (text: string) => normalisedWords(text).join(' ');

/** Trains with word bigrams and character n-grams of 2 to 5 and predicts the class of each test text. */
export async function predictWithFastText(
  train: { texts: readonly string[]; labels: readonly number[] },
  test: readonly string[],
): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), 'rasid-fasttext-'));
  try {
    const [input, model, queries] = ['train.txt', 'model', 'test.txt'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await writeFile(
      input,
      train.texts.map((text, i) => `__label__${train.labels[i]} ${line(text)}\n`).join(''),
    );
    await writeFile(queries, test.map((text) => `${line(text)}\n`).join(''));
    const epochs = String(Math.min(100, Math.max(10, Math.ceil(50_000 / train.texts.length))));
    await run('fasttext', [
      'supervised',
      '-input',
      input,
      '-output',
      model,
      '-wordNgrams',
      '2',
      '-minn',
      '2',
      '-maxn',
      '5',
      '-lr',
      '0.5',
      '-epoch',
      epochs,
      '-thread',
      '2',
      '-seed',
      '1',
      '-verbose',
      '0',
    ]);
    const { stdout } = await run('fasttext', ['predict', `${model}.bin`, queries], { maxBuffer: 2 ** 28 });
    return stdout
      .trimEnd()
      .split('\n')
      .map((label) => Number(label.replace('__label__', '')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
