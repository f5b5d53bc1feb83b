import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fastTextAvailable, predictWithFastText, scoreWithFastText } from '../../src/evaluation/fasttext.ts';

const PATH = process.env.PATH ?? '';
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rasid-fake-fasttext-'));
});
afterEach(() => {
  process.env.PATH = PATH;
});

/** A stand-in that keeps its arguments and its input, and answers each text with the lines given. */
async function install(...answers: string[]): Promise<void> {
  const program = join(folder, 'fasttext');
  const lines = answers.map((answer) => `echo '${answer}'`).join('; ');
  await writeFile(
    program,
    `#!/bin/sh\nif [ "$1" = supervised ]; then echo "$@" > ${folder}/arguments; cp "$3" ${folder}/input; fi\nif [ "$1" = predict-prob ]; then ${lines}; fi\n`,
  );
  await chmod(program, 0o755);
  process.env.PATH = `${folder}:${PATH}`;
}

describe('fastText', () => {
  it('is known to be missing', () => {
    process.env.PATH = folder;

    expect(fastTextAvailable()).toBe(false);
  });

  it('is given all labels of a text, and its scores find their labels', async () => {
    await install('__label__2 0.75 __label__0 0.25', '', '__label__1 1.00001');

    const scores = await scoreWithFastText(
      { texts: ['نص أول', 'نص ثان'], labels: [[0, 2], [1]] },
      ['أ', '', 'ب'],
      { classes: 3, loss: 'ova' },
    );

    expect(fastTextAvailable()).toBe(true);
    expect([...scores]).toEqual([0.25, 0, 0.75, 0, 0, 0, 0, 1, 0]);
    expect(await readFile(join(folder, 'input'), 'utf8')).toMatch(
      /^__label__0 __label__2 .+\n__label__1 .+\n$/,
    );
    expect(await readFile(join(folder, 'arguments'), 'utf8')).toContain('-loss ova');
  });

  it('predicts the label it is surest of', async () => {
    await install('__label__1 0.6 __label__0 0.4', '__label__0 0.9 __label__1 0.1');

    expect(await predictWithFastText({ texts: ['أ', 'ب'], labels: [0, 1] }, ['ج', 'د'])).toEqual([1, 0]);
  });
});
