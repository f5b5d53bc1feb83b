import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cancelRun } from '../../../src/bulk/queue/cancel.ts';
import { collectRun } from '../../../src/bulk/queue/collect.ts';
import { formatStatus, ratesOf, statusOf } from '../../../src/bulk/queue/status.ts';
import { submitRun } from '../../../src/bulk/queue/submit.ts';
import { useQueue } from './harness.ts';
import { skipsRedis } from './redis.ts';
import { answerByLength, expectedRows, MODEL, makeWorld, readOutput } from './world.ts';

const ROWS = 22;

describe.skipIf(skipsRedis)('the distributed queue', () => {
  const queue = useQueue(ROWS);
  const { submit, collect, work, until, status, answered } = queue;

  it('brings every row back once, in order, with its own columns', async () => {
    expect(await submit()).toEqual({ blocks: 6, rows: ROWS });
    work();
    work();

    const summary = await collect();

    const { output } = queue.world;
    expect(await readOutput(output)).toMatchObject(expectedRows(ROWS));
    expect(summary).toMatchObject({ rows: ROWS, answered: ROWS, rejected: 0, model: MODEL });
    expect(await status()).toMatchObject({ state: 'collected', output });
  });

  it('changes nothing when a run is collected again, and says where it is when asked for elsewhere', async () => {
    await submit();
    work();
    const first = await collect();

    expect(await collect()).toEqual(first);
    await expect(collect(true, `${queue.world.folder}/other.jsonl`)).rejects.toMatchObject({
      code: 'run-collected',
      message: `news: was collected into ${queue.world.output} already`,
    });
  });

  it('begins anew when a collected run is submitted again', async () => {
    await submit();
    work();
    await collect();

    expect(await submit()).toEqual({ blocks: 6, rows: ROWS });
    const { rows } = await collect(true, `${queue.world.folder}/other.jsonl`);

    expect(rows).toBe(ROWS);
  });

  it('queues nothing twice when the submission is repeated', async () => {
    await submit();
    await Promise.all([submit(), submit()]);
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
    const { redis, config } = queue;
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    const large = await makeWorld(100);
    const submission = { name: 'news', description: large.description };
    const interrupted = submitRun(redis, config, { ...submission, onProgress, signal: controller.signal });
    await expect(interrupted).rejects.toThrow();
    expect(await status()).toMatchObject({ state: 'submitting' });

    await submitRun(redis, config, submission);
    work();
    await collectRun(redis, config, { name: 'news', output: large.output, wait: true });

    expect(await readOutput(large.output)).toMatchObject(expectedRows(100));
  });

  it('refuses another run under the same name', async () => {
    await submit();

    await expect(submit({ blockRows: 7 })).rejects.toMatchObject({
      code: 'run-occupied',
      message: expect.stringContaining('differs in blockRows'),
    });
  });

  it.each(['..', 'a/b', '.hidden', ''])('refuses %o as the name of a run', async (name) => {
    await expect(submit({}, name)).rejects.toMatchObject({ code: 'usage' });
    expect(await queue.redis.keys('*')).toEqual([]);
  });

  it('says what is missing where a run is collected too early, and changes nothing', async () => {
    await submit();

    await expect(collect(false)).rejects.toMatchObject({
      code: 'run-unfinished',
      message: `news: 0 of ${ROWS} rows are answered`,
    });
    expect(await readdir(queue.world.folder)).toEqual(['input.jsonl']);
  });

  it('names the runs there are where one is unknown', async () => {
    await submit({}, 'other');

    await expect(collect()).rejects.toMatchObject({ code: 'run-unknown', hint: 'It holds other.' });
  });

  it('refuses to put answers beside rows that have changed since', async () => {
    const { input } = queue.world;
    await submit();
    const text = await readFile(input, 'utf8');
    await writeFile(input, text.replace('"id":5,"text":"خبر', '"id":5,"text":"نبأ'));
    work();

    await expect(collect()).rejects.toMatchObject({ code: 'resume-mismatch' });
  });

  it('puts rows that cannot be read among the rejects, where a run on one machine does', async () => {
    const { input, output } = queue.world;
    await appendFile(input, 'no JSON\n{"id": 99, "text": ""}\n');
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
    const rejects = await readFile(`${output}.rejects.jsonl`, 'utf8');
    expect(rejects.match(/"line":\d+/g)).toEqual([`"line":${ROWS + 1}`, `"line":${ROWS + 2}`]);
  });

  it('keeps texts and answers in a shared folder instead of Redis', async () => {
    const shared = join(queue.world.folder, 'shared');
    await submit({ shared });
    const jobs = await queue.inQueue((held) => held.getJobs(['waiting']));
    expect(jobs.map(({ data }) => data.rows)).toEqual(jobs.map(() => undefined));
    expect(await readdir(shared, { recursive: true })).toContainEqual(expect.stringMatching(/5\.rows$/));
    work();

    await collect();

    expect(await readOutput(queue.world.output)).toMatchObject(expectedRows(ROWS));
    expect(await readdir(shared)).toEqual([]);
  });

  it('takes a cancelled run out of the queue, while it is waiting and while it is worked at', async () => {
    const { redis, config } = queue;
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
    await until(() => begun === 2);

    await cancelRun(redis, config, 'news');
    go();
    await queue.closeWorkers();

    expect(begun).toBe(2);
    await expect(collect()).rejects.toMatchObject({ code: 'run-unknown' });
    const keys = await redis.keys('*');
    // What BullMQ keeps of a queue, whether or not it holds a job.
    expect(keys.filter((key) => !/:(meta|stalled-check|events|marker|id)$/.test(key))).toEqual([]);
  });

  it('keeps answers for a cancelled run out of a new one of the same name', async () => {
    const { redis, config } = queue;
    await submit();
    let begun = 0;
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    work(
      answerByLength(() => {
        begun += 1;
        return begun <= 2 ? gate : undefined;
      }),
    );
    await until(() => begun === 2);
    await cancelRun(redis, config, 'news');
    const text = await readFile(queue.world.input, 'utf8');
    await writeFile(queue.world.input, text.replaceAll('خبر', 'خبران'));

    await submit();
    go();
    await collect();

    const longer = expectedRows(ROWS).map(({ id, vector: [length] }) => ({ id, vector: [length! + 2] }));
    expect(await readOutput(queue.world.output)).toMatchObject(longer);
  });

  it('shows how far a run is', async () => {
    const { redis, config } = queue;
    await submit();
    const before = await statusOf(redis, config);
    expect(before[0]).toMatchObject({ name: 'news', state: 'waiting', rows: ROWS, answered: 0, workers: 0 });
    expect(before[0]!.blocks.waiting).toBe(6);
    work();
    await until(async () => (await answered()) === ROWS);

    const after = await statusOf(redis, config);

    expect(after[0]).toMatchObject({ state: 'answered', answered: ROWS, workers: 1 });
    const [, line] = formatStatus(after).split('\n');
    expect(line).toMatch(/^news {2}answered {8}22 {4}22 {2}100 {7}– {5}– /);
  });

  it('tells the rate between two looks and the time left', async () => {
    await submit();
    const [look] = await statusOf(queue.redis, queue.config);
    const half = { ...look!, answered: 11, age: look!.age + 2_000 };

    const rates = ratesOf([look!], [half]);

    expect(rates.get('news')).toBe(5.5);
    expect(formatStatus([half], rates).split('\n')[1]).toMatch(/ 11 {4}22 {2}50 {7}6 {2}0:00:02 /);
  });
});
