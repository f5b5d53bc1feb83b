import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mapInOrder } from '../../src/bulk/ordered.ts';

async function* upTo(n: number, onRead: (i: number) => void = () => {}) {
  for (let i = 0; i < n; i++) {
    onRead(i);
    yield i;
  }
}

describe('mapInOrder', () => {
  it('gives results in order, whichever is ready first', async () => {
    const results: number[] = [];
    for await (const result of mapInOrder(upTo(9), (i) => delay((9 - i) * 2, i * i), 4)) results.push(result);
    expect(results).toEqual([0, 1, 4, 9, 16, 25, 36, 49, 64]);
  });

  it('reads no more than is under way, however slow the consumer', async () => {
    let read = 0;
    let taken = 0;
    for await (const _ of mapInOrder(
      upTo(20, () => read++),
      async (i) => i,
      3,
    )) {
      taken += 1;
      await delay(1);
      expect(read - taken).toBeLessThanOrEqual(3);
    }
    expect(taken).toBe(20);
  });

  it('works on several items while the consumer writes', async () => {
    let most = 0;
    let running = 0;
    const work = async (i: number) => {
      running += 1;
      most = Math.max(most, running);
      await delay(5);
      running -= 1;
      return i;
    };
    for await (const _ of mapInOrder(upTo(12), work, 4)) await delay(1);
    expect(most).toBe(4);
  });

  it('gives all results of what was read before it tells that reading failed', async () => {
    async function* failing() {
      yield* upTo(5);
      throw new Error('cut short');
    }
    const results: number[] = [];
    const all = async () => {
      for await (const result of mapInOrder(failing(), async (i) => i, 3)) results.push(result);
    };
    await expect(all()).rejects.toThrow('cut short');
    expect(results).toEqual([0, 1, 2, 3, 4]);
  });

  it('lets go of its source where the consumer has had enough', async () => {
    let closed = false;
    async function* endless() {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        closed = true;
      }
    }
    for await (const _ of mapInOrder(endless(), async (i) => i, 2)) break;
    expect(closed).toBe(true);
  });
});
