import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { toyTaxonomy, toyWorld } from '../classifier/toy.ts';
import { run } from './run.ts';

it('npm run split assigns what has no split, keeps the others, and leaves its own output as it is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rasid-split-'));
  const [data, taxonomy] = [join(folder, 'articles.jsonl'), join(folder, 'taxonomy.json')];
  const articles = toyWorld(40, 1).articles.map(({ split, ...article }, i) =>
    i < 4 ? { ...article, split: 'test' } : article,
  );
  await writeFile(taxonomy, JSON.stringify(toyTaxonomy));
  await writeFile(data, articles.map((article) => `${JSON.stringify(article)}\n`).join(''));
  const split = () => run('split', ['--data-file', data, '--taxonomy-file', taxonomy]);

  const { code, stdout } = await split();

  expect(code).toBe(0);
  expect(stdout).toContain('36 articles assigned, 40 in all');
  const first = await readFile(data, 'utf8');
  const splits = first
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).split as string);
  expect(splits.slice(0, 4)).toEqual(['test', 'test', 'test', 'test']);
  expect(new Set(splits)).toEqual(new Set(['train', 'validation', 'test']));
  await split();
  expect(await readFile(data, 'utf8')).toBe(first);
});
