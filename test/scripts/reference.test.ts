import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { run } from './run.ts';

const REFERENCE = 'kirkuk-plot-foiled';
let folder: string;
let text: string;

/** Trains on everything but the reference article; vectors come from the usual cache. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rasid-reference-'));
  const all = (await readFile('data/articles.jsonl', 'utf8')).trimEnd().split('\n');
  text = JSON.parse(all.find((line) => line.includes(`"${REFERENCE}"`))!).text;
  const rest = all.filter((line) => !line.includes(`"${REFERENCE}"`));
  expect(rest).toHaveLength(all.length - 1);
  await writeFile(join(folder, 'articles.jsonl'), `${rest.join('\n')}\n`);
  const argv = ['--data-file', join(folder, 'articles.jsonl'), '--model-folder', join(folder, 'model')];
  const { code, stderr } = await run('train', argv);
  expect(stderr).toContain('embedded');
  expect(code).toBe(0);
}, 600_000);

describe('a classifier trained without the reference article', () => {
  it('labels it security, counter-terrorism and positive', async () => {
    const { code, stdout } = await run('predict', ['--model-folder', join(folder, 'model'), text]);

    expect(code).toBe(0);
    const { heads } = JSON.parse(stdout);
    expect(heads.topics.accepted.map(({ id }: { id: string }) => id).sort()).toEqual([
      'counter-terrorism',
      'security',
    ]);
    expect(heads.sentiment.accepted.id).toBe('positive');
  });
});
