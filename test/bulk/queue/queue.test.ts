import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cancelRun } from '../../../src/bulk/queue/cancel.ts';
import { collectRun } from '../../../src/bulk/queue/collect.ts';
import { connectQueue, disconnect, type QueueConfig } from '../../../src/bulk/queue/connection.ts';
import { addJobs, openQueue } from '../../../src/bulk/queue/jobs.ts';
import { openRuns } from '../../../src/bulk/queue/runs.ts';
import { formatStatus, statusOf } from '../../../src/bulk/queue/status.ts';
import { submitRun } from '../../../src/bulk/queue/submit.ts';
import { type QueueWorker, startWorker, type WorkerOptions } from '../../../src/bulk/queue/worker.ts';
import { skipsRedis, startRedis, type TestRedis } from './redis.ts';
import {
  answerByLength,
  expectedRows,
  MODEL,
  makeWorld,
  queueConfig,
  readOutput,
  type World,
} from './world.ts';

const ROWS = 22;
const FAST = { lock: 2_000, sweep: 200, refused: 100 };

describe.skipIf(skipsRedis)('the distributed queue', () => {
  let server: TestRedis;
  let redis: Redis;
  let config: QueueConfig;
  let world: World;
  const workers: QueueWorker[] = [];

  beforeAll(async () => {
    server = await startRedis();
    config = queueConfig(server.url);
    redis = await connectQueue(config, () => {});
  });
  afterAll(async () => {
    if (redis) disconnect(redis);
    await server?.stop();
  });
  beforeEach(async () => {
    await redis.flushall();
    world = await makeWorld(ROWS);
  });
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.close()));
  });

  const submit = (name = 'news', changes: Partial<World['description']> = {}) =>
    submitRun(redis, config, { name, description: { ...world.description, ...changes } });
  const collect = (wait = true) => collectRun(redis, config, { name: 'news', output: world.output, wait });
  const work = (answer = answerByLength(), options: Partial<WorkerOptions> = {}) => {
    const abilities = [{ model: MODEL, answer: () => answer }];
    workers.push(
      startWorker(redis, config, {
        abilities,
        concurrency: 2,
        times: FAST,

        ...options,
      }),
    );
  };
  const answered = async () => (await statusOf(redis, config, 'news'))[0]!.answered;
  const until = async (condition: () => Promise<boolean>) => {
    for (let i = 0; !(await condition()); i++) {
      if (i === 200) throw new Error('waited too long');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  it('brings every row back once, in order, with its own columns', async () => {
    expect(await submit()).toEqual({ blocks: 6, rows: ROWS });
    work();
    work();

    const summary = await collect();

    expect(await readOutput(world.output)).toMatchObject(expectedRows(ROWS));
    expect(summary).toMatchObject({ rows: ROWS, answered: ROWS, rejected: 0, model: MODEL });
    expect(await openRuns(redis, config.queueName).list()).toEqual([]);
  });

  it('queues nothing twice when the submission is repeated', async () => {
    await submit();
    await submit();
    let blocks = 0;
    work(
      answerByLength(() => {
        blocks += 1;
      }),
    );

    await collect();

    expect(blocks).toBe(6);
  });

  it('goes on with a submission that was interrupted', async () => {
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    const large = await makeWorld(100);
    const submission = { name: 'news', description: large.description };
    const interrupted = submitRun(redis, config, { ...submission, onProgress, signal: controller.signal });
    await expect(interrupted).rejects.toThrow();
    expect((await statusOf(redis, config, 'news'))[0]).toMatchObject({ state: 'submitting' });

    await submitRun(redis, config, submission);
    work();
    await collectRun(redis, config, { name: 'news', output: large.output, wait: true });

    expect(await readOutput(large.output)).toMatchObject(expectedRows(100));
  });

  it('refuses another run under the same name', async () => {
    await submit();

    await expect(submit('news', { blockRows: 7 })).rejects.toMatchObject({
      code: 'run-occupied',
      message: expect.stringContaining('differs in blockRows'),
    });
  });

  it('says what is missing where a run is collected too early, and changes nothing', async () => {
    await submit();

    await expect(collect(false)).rejects.toMatchObject({
      code: 'run-unfinished',
      message: `news: 0 of ${ROWS} rows are answered`,
    });
    expect(await readdir(world.folder)).toEqual(['input.jsonl']);
  });

  it('names the runs there are where one is unknown', async () => {
    await submit('other');

    await expect(collect()).rejects.toMatchObject({ code: 'run-unknown', hint: 'It holds other.' });
  });

  it('refuses to put answers beside rows that have changed since', async () => {
    await submit();
    const text = await readFile(world.input, 'utf8');
    await writeFile(world.input, text.replace('"id":5,"text":"خبر', '"id":5,"text":"نبأ'));
    work();

    await expect(collect()).rejects.toMatchObject({ code: 'resume-mismatch' });
  });

  it('puts rows that cannot be read among the rejects, where a run on one machine does', async () => {
    await appendFile(world.input, 'no JSON\n{"id": 99, "text": ""}\n');
    await submit();
    work(async (block) => ({
      index: block.index,
      model: MODEL,
      outcomes: block.rows.map(({ columns }) =>
        columns.text === ''
          ? { code: 'data-invalid', reason: 'column text: has no text' }
          : { vector: Float32Array.of((columns.text as string).length), truncated: false },
      ),
    }));

    const { rejected, reasons } = await collect();

    expect({ rejected, reasons }).toEqual({ rejected: 2, reasons: { 'data-invalid': 2 } });
    const rejects = await readFile(`${world.output}.rejects.jsonl`, 'utf8');
    expect(rejects.match(/"line":\d+/g)).toEqual([`"line":${ROWS + 1}`, `"line":${ROWS + 2}`]);
  });

  it('rejects a row that no worker survives, and only that row', async () => {
    await submit();
    const poison = `خبر ${'و'.repeat(9)}`;
    work(
      answerByLength((texts) => {
        if (texts.includes(poison)) throw new Error('out of memory');
      }),
    );

    const { rejected } = await collect();

    expect(rejected).toBe(1);
    expect(await readOutput(world.output)).toMatchObject(expectedRows(ROWS).filter(({ id }) => id !== 9));
    expect(await readFile(`${world.output}.rejects.jsonl`, 'utf8')).toContain('out of memory');
  });

  it('leaves a block that asks for another model to others', async () => {
    const other = `${MODEL.slice(0, 12)}${'b'.repeat(52)}`;
    await submit();
    // The same first letters, so the same queue: only the whole identity tells them apart.
    const notes: string[] = [];
    const wrong = startWorker(redis, config, {
      abilities: [{ model: other, answer: () => answerByLength() }],
      concurrency: 1,
      times: FAST,
      onNote: (line) => notes.push(line),
    });
    await until(async () => notes.length > 0);
    expect(notes[0]).toContain(`asks for model ${MODEL}; this worker holds ${other}`);
    expect(await answered()).toBe(0);
    await wrong.close();

    work();
    await collect();

    expect(await readOutput(world.output)).toMatchObject(expectedRows(ROWS));
  });

  it('keeps the first answer of a block that is delivered twice', async () => {
    await submit();
    work();
    await until(async () => (await answered()) === ROWS);
    const queue = openQueue(redis, openRuns(redis, config.queueName).queueOf(MODEL));
    const again = { version: 1, run: 'news', block: 0, from: 0, to: 4, model: MODEL };
    const columns = world.description.columns;
    const rows = Buffer.from('').toString('base64');
    await openRuns(redis, config.queueName).keepAnswer('news', '0:0', 4, Buffer.from('another'));
    await addJobs(queue, [{ ...again, columns, digest: 'x', rows }], config);
    await queue.close();

    expect(await answered()).toBe(ROWS);
    await collect();
    expect(await readOutput(world.output)).toMatchObject(expectedRows(ROWS));
  });

  it('keeps texts and answers in a shared folder instead of Redis', async () => {
    const shared = join(world.folder, 'shared');
    await submit('news', { shared });
    const jobs = await openQueue(redis, openRuns(redis, config.queueName).queueOf(MODEL)).getJobs([
      'waiting',
    ]);
    expect(jobs.map(({ data }) => data.rows)).toEqual(jobs.map(() => undefined));
    expect(await readdir(join(shared, 'news'))).toHaveLength(6);
    work();

    await collect();

    expect(await readOutput(world.output)).toMatchObject(expectedRows(ROWS));
    expect(await readdir(shared)).toEqual([]);
  });

  it('takes a cancelled run out of the queue, while it is waiting and while it is worked at', async () => {
    await submit();
    let begun = 0;
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    work(
      answerByLength(() => {
        begun += 1;
        return gate;
      }),
    );
    await until(async () => begun === 2);

    await cancelRun(redis, config, 'news');
    go();
    await Promise.all(workers.splice(0).map((worker) => worker.close()));

    expect(begun).toBe(2);
    await expect(collect()).rejects.toMatchObject({ code: 'run-unknown' });
    const keys = await redis.keys(`${config.queueName}:*`);
    expect(keys).toEqual([]);
  });

  it('shows how far a run is', async () => {
    await submit();
    const [waiting] = await statusOf(redis, config);
    expect(waiting).toMatchObject({ name: 'news', state: 'waiting', rows: ROWS, answered: 0, workers: 0 });
    expect(waiting!.blocks.waiting).toBe(6);
    work();
    await until(async () => (await answered()) === ROWS);

    const statuses = await statusOf(redis, config);

    expect(statuses[0]).toMatchObject({ state: 'answered', answered: ROWS, workers: 1 });
    const [, line] = formatStatus(statuses).split('\n');
    expect(line).toMatch(/^news {2}answered {8}22 {4}22 {2}100 /);
  });
});
