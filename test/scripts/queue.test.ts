/** The commands of the queue with the committed classifier, as a user calls them. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { skipsRedis, startRedis, type TestRedis } from '../bulk/queue/redis.ts';
import { run, start } from './run.ts';

const ROWS = 60;

describe.skipIf(skipsRedis)('npm run bulk -- submit | status | collect | cancel, npm run worker', () => {
  let server: TestRedis;
  let folder: string;
  let input: string;
  const bulk = (...argv: string[]) => run('bulk', argv, { env: { RASID_REDIS_URL: server.url } });
  const at = (name: string) => join(folder, name);

  beforeAll(async () => {
    server = await startRedis();
    folder = await mkdtemp(join(tmpdir(), 'rasid-queue-cli-'));
    input = at('input.jsonl');
    const articles = (await readFile('data/articles.jsonl', 'utf8')).split('\n').slice(0, ROWS);
    await writeFile(input, `${articles.join('\n')}\n{"id": "no text"}\n`);
  });
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('writes what a run on one machine writes, to the byte', async () => {
    const blocks = ['--block-rows', '16'];
    const submitted = await bulk('submit', input, '--run', 'news', ...blocks);
    expect(submitted).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`news: ${ROWS + 1} rows in 4 blocks stand in the queue`),
      stderr: expect.stringContaining('no worker holds this model now'),
    });
    const early = await bulk('collect', 'news', '--out', at('queued.jsonl'));
    expect(early).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        new RegExp(`^error: news: 0 of ${ROWS + 1} rows are answered\n .*--wait`, 'm'),
      ),
    });

    const worker = start('worker', ['--workers', '1'], { env: { RASID_REDIS_URL: server.url } });
    const [collected, local] = await Promise.all([
      bulk('collect', 'news', '--out', at('queued.jsonl'), '--wait'),
      bulk(input, '--out', at('local.jsonl'), ...blocks, '--workers', '1'),
    ]);
    worker.child.kill('SIGTERM');

    // One row stands in the rejects.
    expect([collected.code, local.code]).toEqual([3, 3]);
    const read = (name: string) => readFile(at(name), 'utf8');
    expect(await read('queued.jsonl')).toBe(await read('local.jsonl'));
    expect(await read('queued.jsonl.rejects.jsonl')).toBe(await read('local.jsonl.rejects.jsonl'));
    const { code, stdout } = await worker.finished;
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^ready: labels by model [\s\S]*news: block 3, 13 rows[\s\S]*stopping/),
    });
    const { stdout: status } = await bulk('status', '--json');
    expect(JSON.parse(status)).toMatchObject([{ name: 'news', state: 'collected', answered: ROWS + 1 }]);
  });

  it('cancels a run, and afterwards knows it no more', async () => {
    await bulk('submit', input, '--run', 'old');

    expect(await bulk('cancel', 'old')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^old: cancelled/),
    });
    expect(await bulk('collect', 'old', '--out', at('old.jsonl'))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('error: old: the queue holds no such run'),
    });
  });

  it('says what is wrong with a call', async () => {
    const calls = [
      ['submit', 'input.jsonl'],
      ['submit', '-', '--run', 'a'],
      ['collect', '--out', 'a.jsonl'],
    ];

    const outcomes = await Promise.all(calls.map((argv) => bulk(...argv)));

    expect(outcomes).toMatchObject(
      ['--run is missing', 'standard input cannot be submitted', 'name the run'].map((message) => ({
        code: 2,
        stderr: expect.stringContaining(message),
      })),
    );
  });

  it('says in one sentence that Redis is absent', async () => {
    const { code, stderr } = await bulk('status', '--redis-url', 'redis://127.0.0.1:1');

    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /^error: Redis at redis:\/\/127\.0\.0\.1:1 does not answer .*\n {2}Start it.*\n$/,
      ),
    });
  });
});
