/** Work that goes wrong: rows and workers that fail, deliveries that are doubled or lost. */

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RasidError } from '../../../src/errors.ts';
import { useQueue } from './harness.ts';
import { skipsRedis } from './redis.ts';
import { answerByLength, expectedRows, MODEL, readOutput } from './world.ts';

const ROWS = 22;
/** The text of row `id`. */
const textOf = (id: number) => `خبر ${'و'.repeat(id)}`;

describe.skipIf(skipsRedis)('recovery in the queue', () => {
  const queue = useQueue(ROWS);
  const { submit, collect, work, until, answered } = queue;
  const output = () => readOutput(queue.world.output);

  it('rejects a row that no worker survives, and only that row', async () => {
    await submit();
    work(
      answerByLength((texts) => {
        if (texts.includes(textOf(9))) throw new Error('out of memory');
      }),
    );

    const { rejected } = await collect();

    expect(rejected).toBe(1);
    expect(await output()).toMatchObject(expectedRows(ROWS).filter(({ id }) => id !== 9));
    expect(await readFile(`${queue.world.output}.rejects.jsonl`, 'utf8')).toContain('out of memory');
  });

  it('leaves a block that asks for another model to others', async () => {
    // The same first letters, so the same queue: only the whole identity tells them apart.
    const other = `${MODEL.slice(0, 12)}${'b'.repeat(52)}`;
    await submit();
    const notes: string[] = [];
    const wrong = work(answerByLength(), {
      abilities: [{ model: other, answer: () => answerByLength() }],
      onNote: (line) => notes.push(line),
    });
    await until(() => notes.length > 0);
    expect(notes[0]).toContain(`asks for model ${MODEL}, and this worker holds ${other}`);
    expect(await answered()).toBe(0);
    await wrong.close();

    work();
    await collect();

    expect(await output()).toMatchObject(expectedRows(ROWS));
  });

  it('leaves blocks whose files it cannot see to others, and rejects none', async () => {
    const shared = join(queue.world.folder, 'shared');
    await submit({ shared });
    await rm(shared, { recursive: true });
    const notes: string[] = [];
    work(answerByLength(), { onNote: (line) => notes.push(line) });

    await until(() => notes.length >= 6);

    expect(notes[0]).toMatch(/\.rows: does not exist; this worker leaves it to others$/);
    expect(await answered()).toBe(0);
    expect((await queue.status()).blocks.failed).toBe(0);
  });

  it('counts a worker as broken when every block fails', async () => {
    await submit({ blockRows: 2 });
    const faults: RasidError[] = [];
    work(
      answerByLength(() => {
        throw new Error('no encoder');
      }),
      { onFault: (error) => faults.push(error), times: { sweep: 60_000 } },
    );

    await until(() => faults.length > 0);

    expect(faults).toMatchObject([
      { code: 'worker-failed', message: '8 blocks failed one after another; last: no encoder' },
    ]);
  });

  it('keeps the first answer of a block that is delivered twice', async () => {
    await submit();
    const [job] = await queue.inQueue((held) => held.getJobs(['waiting']));
    work();
    await until(async () => (await answered()) === ROWS);

    await queue.inQueue((held) => held.add('block', job!.data, { jobId: `${job!.id}/again` }));
    await until(async () => (await queue.status()).blocks.waiting === 0);
    await queue.closeWorkers();

    expect(await answered()).toBe(ROWS);
    await collect();
    expect(await output()).toMatchObject(expectedRows(ROWS));
  });

  it('counts rows once where a block is answered by halves and, late, as a whole', async () => {
    await submit();
    let isFirst = true;
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    // It looks dead while it answers: the block fails elsewhere and is halved meanwhile.
    const late = work(
      answerByLength(() => gate),
      { concurrency: 1, times: { lock: 2_000, sweep: 60_000 } },
    );
    await until(async () => (await queue.status()).blocks.active === 1);
    const [job] = await queue.inQueue((held) => held.getJobs(['active']));
    await queue.inQueue((held) => held.add('block', job!.data, { jobId: `${job!.id}/again`, attempts: 1 }));
    work(
      answerByLength((texts) => {
        if (texts.length === 4 && texts.includes(textOf(job!.data.block * 4)) && isFirst) {
          isFirst = false;
          throw new Error('fails as a whole');
        }
      }),
    );
    await until(async () => (await answered()) === ROWS);

    go();
    await late.close();

    expect(await answered()).toBe(ROWS);
    expect((await collect()).answered).toBe(ROWS);
    expect(await output()).toMatchObject(expectedRows(ROWS));
  });

  it('rejects nothing while the memory of Redis is full', async () => {
    const { redis } = queue;
    await submit();
    const notes: string[] = [];
    let begun = 0;
    work(
      answerByLength(async () => {
        begun += 1;
        if (begun === 2) await redis.config('SET', 'maxmemory', '1');
      }),
      { onNote: (line) => notes.push(line) },
    );
    await until(() => notes.some((note) => note.includes('OOM')));
    await redis.config('SET', 'maxmemory', '0');

    const { answered: rows, rejected } = await collect();

    expect({ rows, rejected }).toEqual({ rows: ROWS, rejected: 0 });
    expect(await output()).toMatchObject(expectedRows(ROWS));
  });

  it('puts blocks back that Redis has lost', async () => {
    await submit();
    const jobs = await queue.inQueue((held) => held.getJobs(['waiting']));
    await jobs.find(({ data }) => data.block === 3)!.remove();
    const notes: string[] = [];
    work();

    await collect(true, undefined, (line) => notes.push(line));

    expect(notes).toEqual(['news: block 3, rows 1–4: Redis had lost them; they are put back']);
    expect(await output()).toMatchObject(expectedRows(ROWS));
  });
});
