import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/random.ts';
import { run, start } from './run.ts';

let folder: string;
/** Some of the articles, and one row that cannot be classified. */
let records: { id: string; text?: string; title?: string }[];
let input: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rasid-bulk-cli-'));
  const all = (await readFile('data/articles.jsonl', 'utf8')).trimEnd().split('\n');
  records = all.slice(0, 200).map((line) => JSON.parse(line));
  records.splice(120, 0, { id: 'no-text' });
  input = join(folder, 'in.jsonl');
  await writeFile(input, lines(records));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const lines = (rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const at = (name: string) => join(folder, name);
const parse = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
const bulk = (argv: string[], options = {}) => run('bulk', [...argv, '--workers', '2'], options);

describe('npm run bulk', () => {
  it('gives each row the labels that predict gives its text, beside its own columns', async () => {
    const output = at('plain.jsonl');

    const { code, stdout, stderr } = await bulk([input, '--out', output]);

    // All rows are accounted for, but one stands in the rejects.
    expect({ code, stderr }).toMatchObject({ code: 3, stderr: expect.stringMatching(/rows\/s, 1 rejected/) });
    const written = parse(await readFile(output, 'utf8'));
    const good = records.filter(({ text }) => text !== undefined);
    expect(written).toMatchObject(good);
    expect(parse(await readFile(`${output}.rejects.jsonl`, 'utf8'))).toMatchObject([
      { file: input, line: 121, code: 'data-invalid', reason: expect.stringContaining('no text') },
    ]);
    const { stdout: predicted } = await run('predict', ['--file', await goodFile(good)]);
    const expected = parse(predicted).map(({ heads }) => [
      heads.topics.accepted.map(({ id }: { id: string }) => id),
      heads.sentiment.accepted.id,
    ]);
    expect(written.map((row) => [row.predicted_topics, row.predicted_sentiment])).toEqual(expected);
    const summary = JSON.parse(await readFile(`${output}.summary.json`, 'utf8'));
    const { model } = parse(predicted)[0];
    expect(summary).toMatchObject({ rows: 201, answered: 200, rejected: 1, model });
    expect(stdout).toContain('201 rows: 200 written');
    expect(stdout).toContain(`model ${model}`);
    for (const [label, count] of Object.entries<number>(summary.labels.topics)) {
      expect(count).toBe(expected.filter(([topics]) => topics.includes(label)).length);
      expect(stdout).toContain(`${label} ${count}`);
    }
  });

  async function goodFile(good: object[]): Promise<string> {
    await writeFile(at('good.jsonl'), lines(good));
    return at('good.jsonl');
  }

  it('reads standard input, in gzip too, and writes gzip', async () => {
    const [plain, zipped] = [at('stdin.jsonl'), at('stdin.jsonl.gz')];
    const some = lines(records.slice(0, 40));

    expect(await bulk(['-', '--out', plain], { input: some })).toMatchObject({ code: 0 });
    expect(await bulk(['-', '--out', zipped], { input: gzipSync(some) })).toMatchObject({ code: 0 });

    expect(gunzipSync(await readFile(zipped))).toEqual(await readFile(plain));
    expect(parse(await readFile(plain, 'utf8'))).toMatchObject(records.slice(0, 40));
  });

  it.each(['killed.jsonl', 'killed.parquet'])(
    'is killed at random moments and ends with the same bytes: %s',
    async (name) => {
      const [calm, killed] = [at(`calm-${name}`), at(name)];
      const argv = [input, '--block-rows', name.endsWith('parquet') ? '2' : '16', '--workers', '2'];
      const begun = performance.now();
      await run('bulk', [...argv, '--out', calm]);
      const whole = performance.now() - begun;

      const random = seededRandom(5);
      let kept = 0;
      for (let kills = 0; kills < 3; kills++) {
        const { child, finished } = start('bulk', [...argv, '--out', killed]);
        await Promise.race([finished, delay(whole * (0.3 + 0.5 * random.next()))]);
        child.kill('SIGKILL');
        await finished;
        const checkpoint = join(`${killed}.partial`, 'checkpoint.json');
        const { blocks } = await readFile(checkpoint, 'utf8').then(JSON.parse, () => ({ blocks: kept }));
        expect(blocks).toBeGreaterThanOrEqual(kept);
        kept = blocks;
      }
      await run('bulk', [...argv, '--out', killed]);

      expect(await readFile(killed)).toEqual(await readFile(calm));
      expect(await readFile(`${killed}.rejects.jsonl`)).toEqual(await readFile(`${calm}.rejects.jsonl`));
      expect((await readdir(folder)).filter((entry) => entry.includes('partial'))).toEqual([]);
    },
  );

  it('stops at Ctrl-C, and keeps what is done', async () => {
    const output = at('interrupted.jsonl');
    const argv = [input, '--out', output, '--block-rows', '8', '--workers', '2'];
    const { child, says, finished } = start('bulk', argv);
    await says('bytes read:');
    child.kill('SIGINT');

    expect((await finished).code).toBe(130);
    expect(await readdir(folder)).toContain('interrupted.jsonl.partial');
    const second = await run('bulk', argv);
    expect(second.stderr).toMatch(/goes on behind the \d+ rows/);
    expect(await readFile(output, 'utf8').then(parse)).toHaveLength(200);
  });

  it('lets one run at a time write an output', async () => {
    const output = at('two.jsonl');
    const argv = [input, '--out', output, '--workers', '2', '--block-rows', '16'];
    const first = start('bulk', argv);
    await first.says('bytes read:');
    // Held, so that it is not done before the second begins.
    first.child.kill('SIGSTOP');
    const second = await run('bulk', argv);
    first.child.kill('SIGCONT');

    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining('another run is writing it') });
    expect((await first.finished).code).toBe(3);
  });

  it.each<[string, () => string[], number, string]>([
    ['no input', () => ['--out', 'x.jsonl'], 2, 'no input'],
    ['no output', () => [input], 2, '--out is missing'],
    ['an unknown ending', () => [input, '--out', at('x.xml')], 2, 'write .jsonl'],
    ['its own input', () => [input, '--out', input], 2, 'is an input as well'],
    ['a file twice', () => [input, input, '--out', at('x.jsonl')], 2, 'named twice'],
    ['Parquet from a stream', () => ['-', '--format', 'parquet', '--out', at('x.csv')], 2, 'standard input'],
    ['vectors as CSV', () => [input, '--embed', '--out', at('x.csv')], 2, '--embed writes'],
    ['a missing file', () => [at('missing'), '--format', 'csv', '--out', at('x.jsonl')], 1, 'does not exist'],
    [
      'a column that is not there',
      () => [input, '--text-column', 'body', '--out', at('x.jsonl')],
      1,
      '--text-column',
    ],
  ])('refuses %s in a sentence', async (_, argv, code, expected) => {
    const result = await bulk(argv());

    expect(result).toMatchObject({ code, stderr: expect.stringContaining(expected) });
    expect(result.stderr).not.toMatch(/\n\s+at /);
    expect((await readdir(folder)).filter((name) => name.startsWith('x.'))).toEqual([]);
  });
});

describe('npm run train -- --vectors', () => {
  it('trains on vectors of a bulk run as on its own', async () => {
    const all = (await readFile('data/articles.jsonl', 'utf8')).trimEnd().split('\n');
    const data = at('articles.jsonl');
    await writeFile(data, `${all.filter((_, i) => i % 10 === 0).join('\n')}\n`);
    const vectors = at('vectors.parquet');
    const train = (argv: string[]) =>
      run('train', ['--data-file', data, '--cache-folder', at('cache'), '--workers', '2', ...argv]);

    expect(await bulk([data, '--embed', '--out', vectors])).toMatchObject({ code: 0 });
    const given = await train(['--model-folder', at('given'), '--vectors', vectors]);
    const own = await train(['--model-folder', at('own')]);
    const other = await train([
      '--model-folder',
      at('other'),
      '--vectors',
      vectors,
      '--window-tokens',
      '256',
    ]);

    const table = (stdout: string) => stdout.replace(/saved .*/s, '');
    expect(given.code).toBe(0);
    expect(table(given.stdout)).toBe(table(own.stdout));
    expect(await readdir(at('given'))).toEqual(await readdir(at('own')));
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('is of encoder') });
  });
});
