import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { forkAhead, forkWorker, WORKER } from '../../src/encoder/fork-worker.ts';

const forked = (entry = WORKER) => {
  const worker = forkWorker(entry);
  onTestFinished(() => void worker.kill('SIGKILL'));
  return worker;
};
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('gives the worker started ahead away once, and only as what it runs', () => {
  const ahead = forkAhead();
  expect(forked(new URL('../fixtures/pool-worker.mjs', import.meta.url))).not.toBe(ahead);
  expect(forked()).toBe(ahead);
  expect(forked()).not.toBe(ahead);
});

test('starts another where the one started ahead has ended', async () => {
  const ahead = forkAhead();
  ahead.kill('SIGKILL');
  await once(ahead, 'exit');
  expect(forked()).not.toBe(ahead);
});

test('a worker that nobody takes keeps no process alive', async () => {
  const url = new URL('../../src/encoder/fork-worker.ts', import.meta.url).href;
  const code = `const { forkAhead } = await import(${JSON.stringify(url)}); console.log(forkAhead().pid);`;
  const flags = ['--import', 'tsx', '--input-type=module', '-e', code];
  const run = promisify(execFile)(process.execPath, flags, { timeout: 20_000 });
  const worker = Number((await run).stdout);
  await expect.poll(() => isAlive(worker), { timeout: 5_000 }).toBe(false);
});
