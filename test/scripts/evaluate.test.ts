import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { run } from './run.ts';

type Line = { id: string; split: string; labels: Record<string, unknown>; [field: string]: unknown };
let lines: Line[];
let folder: string;

beforeAll(async () => {
  const all = (await readFile('data/articles.jsonl', 'utf8')).trimEnd().split('\n');
  lines = all.map((line) => JSON.parse(line) as Line);
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rasid-evaluate-'));
});

const testLines = (count: number) => lines.filter(({ split }) => split === 'test').slice(0, count);
async function fileOf(records: readonly unknown[], name = 'own.jsonl'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  return path;
}
const evaluate = (argv: string[]) => run('evaluate', ['--no-baselines', '--workers', '2', ...argv]);
/** The first head of either kind, by the taxonomy, not by name. */
async function heads() {
  const taxonomy = JSON.parse(await readFile('data/taxonomy.json', 'utf8')) as {
    heads: { id: string; kind: string; labels: { id: string }[] }[];
  };
  return {
    oneOf: taxonomy.heads.find(({ kind }) => kind === 'one-of')!,
    multi: taxonomy.heads.find(({ kind }) => kind === 'multi-label')!,
  };
}

describe('npm run evaluate', () => {
  it('writes table and report, compares with a classifier, and changes nothing in comparing it with itself', async () => {
    const html = join(folder, 'report.html');

    const { code, stdout, stderr } = await evaluate([
      ...['--data', await fileOf(testLines(40)), '--html', html, '--compare', 'models/classifier'],
    ]);

    expect(code).toBe(0);
    expect(stdout).toContain('most confident mistakes');
    expect(stdout).toContain('0 texts changed');
    expect(stderr).toContain(`wrote ${html}`);
    expect(await readFile(html, 'utf8')).toMatch(/^<!doctype html>/);
  });

  it('prints JSON with every figure, interval and mistake explained', async () => {
    const { stdout } = await evaluate(['--data', await fileOf(testLines(40)), '--json']);
    const { heads: scores } = JSON.parse(stdout);

    for (const head of scores) {
      expect(head.intervals.macroF1.low).toBeLessThanOrEqual(head.macroF1);
      expect(head.coverage.own.coverage.value).toBeGreaterThan(0.5);
      for (const mistake of head.mistakes)
        expect(mistake.sentences.map(({ text }: { text: string }) => text).join('')).toBe(mistake.text);
    }
  });

  it('says where texts were trained on, and where labels do not occur', async () => {
    const { oneOf } = await heads();
    const [label] = oneOf.labels;
    const own = lines
      .filter((line) => line.split === 'train' && line.labels[oneOf.id] === label!.id)
      .slice(0, 12);

    const { code, stdout } = await run('evaluate', [
      ...['--data', await fileOf(own), '--data-file', await fileOf(own, 'trained.jsonl'), '--workers', '2'],
    ]);

    expect(code).toBe(0);
    expect(stdout).toContain('note: 12 of 12 texts stand in the training splits too');
    expect(stdout).toContain(`note: ${oneOf.id}: all articles carry the one label ${label!.id}`);
    expect(stdout).toContain(`note: ${oneOf.id}: only 12 articles`);
  });

  it('leaves out articles without labels and heads without articles, and says so', async () => {
    const { oneOf, multi } = await heads();
    const own = testLines(12).map(({ labels, ...rest }, i) =>
      i < 2 ? rest : { ...rest, labels: { [multi.id]: labels[multi.id] } },
    );

    const { code, stdout } = await evaluate(['--data', await fileOf(own)]);

    expect(code).toBe(0);
    expect(stdout).toContain('note: 2 of 12 articles have no labels and are left out');
    expect(stdout).toContain(`note: ${oneOf.id}: no article names a label of this head`);
    expect(stdout).not.toContain(`${oneOf.id} (`);
  });

  it.each<[string, (all: Line[]) => unknown[], string]>([
    [
      'a label the classifier does not know',
      ([a]) => [a, { ...a, id: 'b', labels: { topics: ['weather'] } }],
      ':2: labels.topics.0: unknown label "weather"',
    ],
    ['a head it does not know', ([a]) => [{ ...a, labels: { mood: 'calm' } }], ':1: labels: '],
    ['no labels at all', ([a]) => [{ ...a, labels: undefined }], 'holds no labelled article'],
    ['no record', () => [], 'holds no record'],
  ])('answers %s with one sentence, file and line', async (_, records, expected) => {
    const path = await fileOf(records(testLines(2)));

    const { code, stderr } = await evaluate(['--data', path]);

    expect(code).toBe(1);
    expect(stderr).toContain(`error: ${path}`);
    expect(stderr).toContain(expected);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('answers an empty test split with what to do', async () => {
    const path = await fileOf(testLines(5).map((line) => ({ ...line, split: 'train' })));

    const { code, stderr } = await evaluate(['--data-file', path]);

    expect(code).toBe(1);
    expect(stderr).toContain(`error: ${path}: its test split holds no labelled article`);
    expect(stderr).toContain('npm run split');
  });

  it('answers a folder without a classifier before it begins', async () => {
    const { code, stderr } = await evaluate(['--data', await fileOf(testLines(5)), '--compare', folder]);

    expect(code).toBe(1);
    expect(stderr).toContain(folder);
  });
});
