/**
 * Starts worker processes. It imports nothing else of rasid, so that the service can start its first worker before it
 * loads the rest: service and worker load side by side.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a worker runs. */
export const WORKER = new URL('./worker-entry.cjs', import.meta.url);
/**
 * A small young generation, MB: token vectors lie outside V8's heap until the young object that owns them is collected, so a
 * large one would let them pile up unseen.
 */
const FLAGS = ['--max-semi-space-size=4'];
/** One arena of glibc's malloc: a worker computes on one thread, and an arena for each of V8's costs it 30 MB. */
const ENVIRONMENT = { MALLOC_ARENA_MAX: '1' };

let ahead: ChildProcess | undefined;

/** Whether a process has ended; its channel may still be open. */
export const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

const start = (entry: URL): ChildProcess =>
  fork(fileURLToPath(entry), [], {
    serialization: 'advanced',
    execArgv: FLAGS,
    env: { ...process.env, ...ENVIRONMENT },
  });

/** Starts the worker that the next `forkWorker` gives away. It does not keep this process alive. */
export function forkAhead(): ChildProcess {
  ahead = start(WORKER);
  ahead.unref();
  ahead.channel?.unref();
  // Whoever takes it sees that it is not connected, and starts another.
  ahead.on('error', () => {});
  return ahead;
}

/** @param {URL} entry What the worker runs. */
export function forkWorker(entry: URL): ChildProcess {
  const early = entry.href === WORKER.href ? ahead : undefined;
  if (early === undefined) return start(entry);
  ahead = undefined;
  if (hasEnded(early) || !early.connected) return start(entry);
  early.ref();
  early.channel?.ref();
  return early;
}
