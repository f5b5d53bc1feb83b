/** A pool without workers, for tests of what stands in front of one. */

import type { EncoderPool } from '../../src/encoder/pool.ts';
import type { Encoded } from '../../src/encoder/session.ts';

export const tick = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

/** A pool whose workers finish when the test says so. They take nothing ahead, unless `spare` of them may. */
export function manualPool(size = 1, spare = 0) {
  const batches: string[][] = [];
  const ahead: string[][] = [];
  const running: (() => void)[] = [];
  const waiting: (() => void)[] = [];
  let busy = 0;
  let failing: unknown;
  const answer = (texts: readonly string[]): Encoded => ({
    vectors: Float32Array.from(texts, (text) => text.length),
    tokens: texts.map((text) => text.length),
    truncated: texts.map(() => false),
    windows: texts.map(() => 1),
  });
  const pump = () => {
    while (busy < size && waiting.length > 0) waiting.shift()!();
  };
  const pool: EncoderPool = {
    size,
    alive: size,
    get busy() {
      return busy;
    },
    get spare() {
      return spare - ahead.length;
    },
    run: () => Promise.reject(new Error('not used')),
    close: async () => {},
    runAhead: ({ texts }, onBegin) =>
      new Promise((resolve) => {
        ahead.push([...texts]);
        running.push(() => {
          onBegin();
          resolve({ encoded: answer(texts), ms: 1 });
        });
      }),
    runNext: (take) =>
      new Promise((resolve, reject) => {
        const start = () => {
          const request = take();
          if (request === undefined) return resolve(undefined);
          const { texts } = request;
          busy += 1;
          batches.push([...texts]);
          running.push(() => {
            busy -= 1;
            if (failing === undefined) resolve({ encoded: answer(texts), ms: 20 });
            else reject(failing);
            pump();
          });
        };
        waiting.push(start);
        pump();
      }),
  };
  return {
    pool,
    batches,
    ahead,
    /** Ends the oldest batch that runs. */
    async finish(error?: unknown) {
      failing = error;
      running.shift()!();
      failing = undefined;
      await tick();
    },
    async finishAll() {
      for (; running.length > 0; await tick()) running.shift()!();
    },
  };
}
