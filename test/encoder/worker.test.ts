import { once } from 'node:events';
import { constants, getPriority } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { forkWorker, WORKER } from '../../src/encoder/fork-worker.ts';
import { locateEncoder } from '../../src/encoder/locate.ts';
import { encoderSource } from '../../src/encoder/settings.ts';

test('a worker is ready with the embedded encoder, and nicer than the process it works for', async () => {
  const worker = forkWorker(WORKER);
  onTestFinished(() => void worker.kill('SIGKILL'));

  worker.send({ located: await locateEncoder(encoderSource(loadConfig({}, {}))) });

  expect((await once(worker, 'message'))[0]).toEqual({ kind: 'ready' });
  const own = getPriority();
  expect(getPriority(worker.pid!)).toBe(Math.min(constants.priority.PRIORITY_LOW, own + 10));
});
