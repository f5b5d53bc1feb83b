import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { BACKGROUNDS, PLANTS } from '../fixtures/planted.ts';
import { run } from './run.ts';

let folder: string;
let input: string;
/** The texts, and what is labelled already: few articles, for all of it is embedded. */
let argv: string[];
const texts = [...Object.values(BACKGROUNDS).map((own) => own.join(' ')), ...Object.values(PLANTS)];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rasid-suggest-'));
  input = join(folder, 'texts.jsonl');
  const corpus = join(folder, 'corpus.jsonl');
  argv = [input, '--data-file', corpus];
  const articles = (await readFile('data/articles.jsonl', 'utf8')).split('\n').slice(0, 200);
  await writeFile(corpus, `${articles.join('\n')}\n`);
  await writeFile(
    input,
    texts.map((text, i) => `${JSON.stringify({ id: `t${i}`, text, desk: 'local' })}\n`).join(''),
  );
});

describe('npm run suggest', () => {
  it('writes as many texts as asked for, with their fields and the proposed labels', async () => {
    const out = join(folder, 'next.jsonl');

    const { code, stdout } = await run('suggest', [...argv, '--count', '4', '--out', out]);

    expect(code).toBe(0);
    expect(stdout).toContain(`4 of ${texts.length} texts`);
    const records = (await readFile(out, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(new Set(records.map(({ id }) => id)).size).toBe(4);
    for (const { id, text, desk, proposal } of records) {
      expect([text, desk]).toEqual([texts[Number(id.slice(1))], 'local']);
      expect(Array.isArray(proposal.labels.topics)).toBe(true);
      expect(['positive', 'neutral', 'negative']).toContain(proposal.labels.sentiment);
    }
  });

  it("writes Label Studio's tasks, a form for them, and what import reads back", async () => {
    const [out, form] = [join(folder, 'tasks.json'), join(folder, 'form.xml')];

    await run('suggest', [...argv, '--count', '3', '--out', out, '--format', 'label-studio', '--form', form]);

    const tasks = JSON.parse(await readFile(out, 'utf8'));
    expect(tasks).toHaveLength(3);
    const xml = await readFile(form, 'utf8');
    for (const { predictions } of tasks)
      for (const { from_name, value } of predictions[0].result) {
        expect(xml).toContain(`<Choices name="${from_name}"`);
        for (const choice of value.choices) expect(xml).toContain(`<Choice value="${choice}"`);
      }

    // What an annotator who accepts every proposal would export.
    const exported = tasks.map(({ data, predictions }: { data: object; predictions: object[] }) => ({
      data,
      annotations: predictions.map((own) => ({ ...own, was_cancelled: false })),
    }));
    const [labelled, mapping, articles] = ['export.json', 'map.json', 'articles.jsonl'].map((name) =>
      join(folder, name),
    );
    await writeFile(labelled!, JSON.stringify(exported));
    await writeFile(
      mapping!,
      JSON.stringify({
        columns: { id: 'id', text: 'text' },
        labels: { topics: { column: 'topics' }, sentiment: { column: 'sentiment' } },
      }),
    );
    const imported = await run('import', [
      labelled!,
      '--format',
      'label-studio',
      '--mapping',
      mapping!,
      '--out',
      articles!,
    ]);

    expect(imported.stderr + imported.stdout).toMatch(/3/);
    const records = (await readFile(articles!, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records.map(({ id }) => id).sort()).toEqual(
      tasks.map((task: { data: { id: string } }) => task.data.id).sort(),
    );
    for (const { labels } of records) expect(labels.sentiment).toBeTypeOf('string');
  });

  it.each([
    [[], /name one JSONL file/],
    [['x.jsonl'], /--out/],
    [['x.jsonl', '--out', 'y', '--count', '0'], /whole number/],
    [['x.jsonl', '--out', 'y', '--format', 'xml'], /jsonl or label-studio/],
  ])('refuses %j as a usage error', async (argv, message) => {
    const { code, stderr } = await run('suggest', argv);

    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
