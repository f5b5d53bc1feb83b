import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createQueue, type QueueOptions } from '../../src/encoder/queue.ts';
import { createVectorCache } from '../../src/encoder/vector-cache.ts';
import { RasidError } from '../../src/errors.ts';
import { fakeIdentity } from './fake.ts';
import { manualPool, tick } from './manual-pool.ts';

const identity = fakeIdentity({ dim: 1 });

const OPTIONS: QueueOptions = { queueTexts: 8, queueTokens: 1_000, batchWait: 0, batchTokens: 100 };
function open({
  size = 1,
  spare = 0,
  cache = 0,
  ...options
}: Partial<QueueOptions> & { size?: number; spare?: number; cache?: number } = {}) {
  const manual = manualPool(size, spare);
  const queue = createQueue(manual.pool, identity, createVectorCache(cache), { ...OPTIONS, ...options });
  return { ...manual, queue };
}
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error) => (error instanceof RasidError ? error.code : error.name),
  );

describe('batches', () => {
  it('hold what came while the worker was busy, in order, up to the budget', async () => {
    const { queue, batches, finishAll } = open({ batchTokens: 5 });
    const calls = ['first', 'aaaa'.repeat(2), 'bbbb'.repeat(2), 'cccc'.repeat(2)].map((text) =>
      queue.encode([text]),
    );

    await finishAll();
    await Promise.all(calls);

    expect(batches).toEqual([['first'], ['aaaaaaaa', 'bbbbbbbb'], ['cccccccc']]);
  });

  it('are shared among idle workers', async () => {
    const { queue, batches, finishAll } = open({ size: 2 });
    const call = queue.encode(['aaaa', 'bbbb', 'cccc', 'dddd']);

    await finishAll();
    await call;

    expect(batches).toEqual([
      ['aaaa', 'bbbb'],
      ['cccc', 'dddd'],
    ]);
  });

  it('go ahead to a busy worker once they are full', async () => {
    const { queue, batches, ahead, finishAll } = open({ spare: 1, batchTokens: 2 });
    const calls = ['first', 'aaaa', 'bbbb', 'cccc'].map((text) => queue.encode([text]));

    expect(batches).toEqual([['first']]);
    expect(ahead).toEqual([['aaaa', 'bbbb']]);
    await finishAll();

    const answers = await Promise.all(calls);
    expect(answers.map(({ vectors }) => [...vectors])).toEqual([[5], [4], [4], [4]]);
    expect(batches).toEqual([['first'], ['cccc']]);
  });

  it('wait for company while every worker is idle, but no longer than batchWait', async () => {
    const { queue, batches, finishAll } = open({ batchWait: 30 });
    const calls = [queue.encode(['a'])];
    await tick(5);
    calls.push(queue.encode(['b']));
    expect(batches).toEqual([]);
    await tick(50);
    expect(batches).toEqual([['a', 'b']]);

    await finishAll();
    await Promise.all(calls);
  });
});

describe('identical texts', () => {
  it('in flight are computed once', async () => {
    const { queue, batches, finishAll } = open();
    const calls = [queue.encode(['same']), queue.encode(['same', 'same', 'other']), queue.encode(['same'])];

    await finishAll();

    expect((await Promise.all(calls)).map(({ vectors }) => [...vectors])).toEqual([[4], [4, 4, 5], [4]]);
    expect(batches.flat().sort()).toEqual(['other', 'same']);
  });

  it('are answered from the cache later, under the same encoder only', async () => {
    const manual = manualPool();
    const cache = createVectorCache(10);
    const queue = createQueue(manual.pool, identity, cache, OPTIONS);
    const other = createQueue(manual.pool, fakeIdentity({ dim: 1, prefix: 'x' }), cache, OPTIONS);
    const first = queue.encode(['same']);
    await manual.finishAll();
    await first;

    await queue.encode(['same']);
    const second = other.encode(['same']);
    await manual.finishAll();
    await second;

    expect(manual.batches).toEqual([['same'], ['same']]);
  });
});

describe('admission', () => {
  it('refuses at once what would be one text too many, and takes it when there is room again', async () => {
    const { queue, finish, finishAll } = open({ queueTexts: 2, batchTokens: 1 });
    const taken = ['a', 'b', 'c'].map((text) => queue.encode([text]));
    expect(() => queue.refuseIfFull()).toThrow(RasidError);

    await expect(queue.encode(['d'])).rejects.toMatchObject({
      code: 'overloaded',
      details: { retryAfter: expect.any(Number) },
    });
    await finish();
    const late = queue.encode(['d']);
    await finishAll();

    await Promise.all([...taken, late]);
    expect(queue.waiting()).toEqual({ texts: 0, tokens: 0 });
  });

  it('counts tokens too', async () => {
    const { queue, finishAll } = open({ queueTokens: 3 });
    const taken = [queue.encode(['a']), queue.encode(['bbbb'.repeat(2)])];

    expect(await code(queue.encode(['cccc'.repeat(2)]))).toBe('overloaded');
    await finishAll();
    await Promise.all(taken);
  });

  it('says so where a request could never be taken', async () => {
    const { queue } = open({ queueTexts: 2 });

    expect(await code(queue.encode(['a', 'b', 'c']))).toBe('request-too-large');
  });

  it('refuses what would wait past its deadline at the speed measured, once it is measured', async () => {
    const { queue, finish, finishAll } = open({ queueTexts: 1_000, queueTokens: 1e6, batchTokens: 1 });
    const long = 'x'.repeat(4_000);
    const taken = ['few words', ...Array.from({ length: 20 }, (_, i) => `${long}${i}`)].map((text) =>
      queue.encode([text]),
    );
    await tick(20);
    await finish();
    const early = queue.encode(['early'], { deadline: 100 });
    await tick(20);
    await finish();

    expect(await code(queue.encode(['late'], { deadline: 100 }))).toBe('overloaded');
    expect(await code(early)).toBe('deadline-exceeded');
    await finishAll();
    await Promise.all(taken);
  });
});

describe('what waits', () => {
  it('is given up at its deadline, and what has begun is not', async () => {
    const { queue, batches, finishAll } = open();
    const running = queue.encode(['a'], { deadline: 20 });
    const late = queue.encode(['b'], { deadline: 20 });

    expect(await code(late)).toBe('deadline-exceeded');
    await finishAll();

    expect(await code(running)).toBe('done');
    expect(batches).toEqual([['a']]);
  });

  it('is given up at its deadline though it was given to a worker ahead', async () => {
    const { queue, ahead, finishAll } = open({ spare: 1, batchTokens: 1 });
    const running = queue.encode(['a']);
    const late = queue.encode(['b'], { deadline: 20 });
    const joined = queue.encode(['b']);

    expect(ahead).toEqual([['b']]);
    expect(await code(late)).toBe('deadline-exceeded');
    await finishAll();

    expect(await code(running)).toBe('done');
    expect(await code(joined)).toBe('done');
  });

  it('is dropped when its caller goes away, unless another wants the same', async () => {
    const { queue, batches, finishAll } = open();
    const away = new AbortController();
    const running = queue.encode(['a']);
    const gone = queue.encode(['b', 'c'], { signal: away.signal });
    const stays = queue.encode(['c']);
    away.abort();

    expect(await code(gone)).toBe('AbortError');
    await finishAll();

    await Promise.all([running, stays]);
    expect(batches).toEqual([['a'], ['c']]);
  });

  it('is answered after a worker failed; the texts it held fail by its code', async () => {
    const { queue, finish, finishAll } = open();
    const lost = queue.encode(['a']);
    const next = queue.encode(['b']);
    const outcome = code(lost);

    await finish(new RasidError('worker-failed', 'gone'));
    await finishAll();

    expect(await outcome).toBe('worker-failed');
    expect(await code(next)).toBe('done');
  });
});

describe('whatever callers do', () => {
  it('every call ends, vectors are right and the queue is empty at last', async () => {
    const call = fc.record({
      texts: fc.array(fc.stringMatching(/^[ab]{1,3}$/), { minLength: 1, maxLength: 4 }),
      aborts: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { maxLength: 12 }),
        fc.integer({ min: 1, max: 3 }),
        async (calls, size) => {
          const { queue, finishAll } = open({ size, cache: 3 });
          const outcomes = calls.map(async ({ texts, aborts }) => {
            const controller = new AbortController();
            const answer = queue.encode(texts, { signal: controller.signal });
            if (aborts) controller.abort();
            try {
              return [...(await answer).vectors].every((length, i) => length === texts[i]!.length);
            } catch (error) {
              return aborts || (error as RasidError).code === 'overloaded';
            }
          });
          await finishAll();

          expect(await Promise.all(outcomes)).toEqual(calls.map(() => true));
          expect(queue.waiting()).toEqual({ texts: 0, tokens: 0 });
        },
      ),
      { numRuns: 60 },
    );
  });
});
