import { afterEach, describe, expect, it } from 'vitest';
import { type EncoderPool, openPool, type PoolOptions } from '../../src/encoder/pool.ts';
import { fakeIdentity } from './fake.ts';

const entry = new URL('../fixtures/pool-worker.mjs', import.meta.url);
const located = { folder: '', identity: fakeIdentity(), dtype: 'q8' as const };
let pool: EncoderPool;
const open = async (size: number, options: PoolOptions = {}) => {
  pool = await openPool(located, size, { entry, ...options });
};
const run = async (...texts: string[]) => [...(await pool.run({ texts })).vectors];

afterEach(() => pool.close());

describe('openPool', () => {
  it('answers each request with its own texts, whichever worker takes it', async () => {
    await open(3);
    const requests = Array.from({ length: 50 }, (_, i) => 'x'.repeat(i + 1));

    expect(await Promise.all(requests.map((text) => run(text)))).toEqual(requests.map((_, i) => [i + 1]));
  });

  it.each(['die', 'throw'])(
    'fails the request whose worker does %s, and goes on with a new one',
    async (text) => {
      await open(1);

      await expect(run(text)).rejects.toMatchObject({ code: 'worker-failed' });

      expect(await run('four')).toEqual([4]);
    },
  );

  it('answers the requests that wait behind a worker that dies', async () => {
    await open(1);

    const results = await Promise.allSettled([run('die'), run('a'), run('die'), run('bc')]);

    expect(results.map((r) => (r.status === 'fulfilled' ? r.value : 'failed'))).toEqual([
      'failed',
      [1],
      'failed',
      [2],
    ]);
  });

  it('notices a worker that dies while idle', async () => {
    await open(1);
    expect(await run('die later')).toEqual([9]);
    await new Promise((resolve) => setTimeout(resolve, 100));

    expect(await run('four')).toEqual([4]);
  });

  it('gives up a worker that is stuck, and goes on with a new one', async () => {
    await open(1, { inferenceTimeout: 200 });

    await expect(run('hang')).rejects.toMatchObject({ code: 'worker-failed' });

    expect(await run('four')).toEqual([4]);
    expect(pool.alive).toBe(1);
  });

  it('replaces a worker that was killed from outside', async () => {
    await open(1);
    process.kill((await run('pid'))[0]!, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 200));

    expect(await run('four')).toEqual([4]);
  });

  it('asks for the request only when a worker is free', async () => {
    await open(1);
    let waiting = ['a', 'bc'];
    const take = () => {
      const texts = waiting;
      waiting = [];
      return texts.length > 0 ? { texts } : undefined;
    };

    const [first, second, third] = await Promise.all([
      pool.run({ texts: ['x'] }),
      pool.runNext(take),
      pool.runNext(take),
    ]);

    expect([first.vectors, second?.encoded.vectors, third]).toEqual([
      Float32Array.of(1),
      Float32Array.of(1, 2),
      undefined,
    ]);
  });

  it('gives a busy worker its next request ahead, and that one to another where the worker is lost', async () => {
    await open(1, { inferenceTimeout: 300 });
    const begun: string[] = [];
    const stuck = run('hang');
    expect([pool.busy, pool.spare]).toEqual([1, 1]);
    const ahead = pool.runAhead({ texts: ['four'] }, () => begun.push('four'));
    expect([pool.busy, pool.spare]).toEqual([1, 0]);
    const behind = pool.runAhead({ texts: ['a'] }, () => begun.push('a'));
    expect(begun).toEqual([]);

    await expect(stuck).rejects.toMatchObject({ code: 'worker-failed' });
    expect([...(await ahead).encoded.vectors]).toEqual([4]);
    expect([...(await behind).encoded.vectors]).toEqual([1]);
    expect([pool.busy, pool.spare]).toEqual([0, 0]);
    expect(begun).toEqual(['four', 'a']);
  });

  it('answers a worker’s requests in their order', async () => {
    await open(1);
    const answers = [['four'], ['a', 'bc']].map((texts) => pool.runAhead({ texts }, () => {}));

    expect((await Promise.all(answers)).map(({ encoded }) => [...encoded.vectors])).toEqual([[4], [1, 2]]);
  });

  it('keeps a worker that reports a failure, with its code', async () => {
    await open(1);

    await expect(run('fail')).rejects.toMatchObject({ code: 'encoder-corrupt', message: 'cannot read' });
    expect(await run('a')).toEqual([1]);
  });

  it('leaves no request open when it is closed', async () => {
    await open(1);
    const waiting = Promise.allSettled([run('a'), run('b'), run('c')]);

    await pool.close();

    for (const result of await waiting) expect(['fulfilled', 'rejected']).toContain(result.status);
    await expect(run('d')).rejects.toMatchObject({ code: 'worker-failed' });
  });

  it('says why a worker cannot start', async () => {
    await open(1);

    const broken = { ...located, folder: '/no/such/folder' };
    await expect(openPool(broken, 2)).rejects.toMatchObject({ code: 'encoder-corrupt' });
  });
});
