/**
 * Worker processes with one encoder session each. onnxruntime blocks the thread that calls it, so never the main one;
 * and processes rather than threads, for a thread cannot be ended while onnxruntime runs in it without ending them all.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { RasidError } from '../errors.ts';
import type { LocatedEncoder } from './locate.ts';
import type { Encoded } from './session.ts';
import type { WorkerAnswer, WorkerMessage, WorkerRequest } from './worker.ts';

/**
 * A small young generation, MB: token vectors lie outside V8's heap until the young object that owns them is collected, so a
 * large one would let them pile up unseen.
 */
const WORKER_FLAGS = ['--max-semi-space-size=4'];
/** One arena of glibc's malloc: a worker computes on one thread, and an arena for each of V8's costs it 30 MB. */
const WORKER_ENVIRONMENT = { MALLOC_ARENA_MAX: '1' };

export interface PoolOptions {
  /** What a worker runs; it answers `WorkerRequest`s with `WorkerAnswer`s. */
  entry?: URL;
  /** Longest time a worker may take for one request, ms; a slower one counts as stuck and is replaced. */
  inferenceTimeout?: number;
}

export interface EncoderPool {
  readonly size: number;
  /** Workers that are alive: fewer than `size` while one is replaced. */
  readonly alive: number;
  /** @throws RasidError `worker-failed`, or what the worker reports. */
  run(request: WorkerRequest): Promise<Encoded>;
  /**
   * Asks for the next free worker. `take` is called when it is there, so that a batch is formed as late as it can be;
   * where it returns undefined nothing is run, and the answer is undefined.
   */
  runNext(take: () => WorkerRequest | undefined): Promise<Encoded | undefined>;
  close(): Promise<void>;
}

interface Claim {
  take: () => WorkerRequest | undefined;
  resolve: (encoded: Encoded | undefined) => void;
  reject: (error: unknown) => void;
}

/** A living worker, and whom it works for. */
interface Slot {
  worker: ChildProcess;
  claim: Claim | undefined;
  timer: NodeJS.Timeout | undefined;
}

const WORKER = new URL('./worker-entry.mjs', import.meta.url);
/** Pause before another attempt to start a worker, ms: doubled each time up to the longest. */
const RESTART_PAUSE = { first: 100, longest: 5_000 };

const failure = (answer: Extract<WorkerAnswer, { kind: 'failed' }>) =>
  new RasidError(answer.code, answer.message, answer.hint === undefined ? {} : { hint: answer.hint });
const closedError = () => new RasidError('worker-failed', 'the encoder was closed');

const send = (worker: ChildProcess, message: WorkerMessage) => {
  // A worker that has just died is noticed by its exit.
  if (worker.connected) worker.send(message, () => {});
};

/** Ends a worker at once, whatever it does. */
async function end(worker: ChildProcess): Promise<void> {
  if (worker.pid === undefined || worker.exitCode !== null || worker.signalCode !== null) return;
  const ended = once(worker, 'exit');
  worker.kill('SIGKILL');
  await ended;
}

/** Starts one worker and waits until its model is loaded. */
function startWorker(
  located: LocatedEncoder,
  entry: URL,
  starting: Set<ChildProcess>,
): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const worker = fork(fileURLToPath(entry), [], {
      serialization: 'advanced',
      execArgv: WORKER_FLAGS,
      env: { ...process.env, ...WORKER_ENVIRONMENT },
    });
    starting.add(worker);
    const stopped = () => reject(new RasidError('worker-failed', 'an encoder worker stopped while starting'));
    worker.once('error', reject);
    worker.once('exit', stopped);
    worker.once('message', (answer) => {
      starting.delete(worker);
      worker.off('exit', stopped);
      worker.off('error', reject);
      const message = answer as WorkerAnswer;
      if (message.kind !== 'failed') return resolve(worker);
      void end(worker);
      reject(failure(message));
    });
    worker.once('exit', () => starting.delete(worker));
    send(worker, { located });
  });
}

/**
 * Opens `size` workers, and resolves when the first is ready. One that dies, idle or busy, or is stuck, fails its request
 * with `worker-failed` and is replaced.
 * @throws RasidError `encoder-corrupt` where the model cannot be loaded.
 */
export async function openPool(
  located: LocatedEncoder,
  size: number,
  { entry = WORKER, inferenceTimeout }: PoolOptions = {},
): Promise<EncoderPool> {
  const claims: Claim[] = [];
  const idle: Slot[] = [];
  const alive = new Set<Slot>();
  const starting = new Set<ChildProcess>();
  let closed = false;

  function pump(): void {
    while (claims.length > 0 && idle.length > 0) {
      const claim = claims.shift()!;
      const request = claim.take();
      if (request === undefined) claim.resolve(undefined);
      else assign(idle.pop()!, claim, request);
    }
  }

  function assign(slot: Slot, claim: Claim, request: WorkerRequest): void {
    slot.claim = claim;
    if (inferenceTimeout !== undefined)
      slot.timer = setTimeout(() => lose(slot, `took more than ${inferenceTimeout} ms`), inferenceTimeout);
    send(slot.worker, request);
  }

  function release(slot: Slot): Claim | undefined {
    const { claim } = slot;
    clearTimeout(slot.timer);
    slot.claim = undefined;
    return claim;
  }

  function lose(slot: Slot, what: string): void {
    if (!alive.delete(slot)) return;
    if (idle.includes(slot)) idle.splice(idle.indexOf(slot), 1);
    release(slot)?.reject(
      new RasidError('worker-failed', `an encoder worker ${what}; it is being replaced`, {
        hint: 'Send the request again.',
      }),
    );
    void end(slot.worker);
    if (!closed) void replace();
  }

  function answer(slot: Slot, message: WorkerAnswer): void {
    const claim = release(slot);
    if (!alive.has(slot) || claim === undefined) return;
    idle.push(slot);
    if (message.kind === 'encoded') claim.resolve(message.encoded);
    else if (message.kind === 'failed') claim.reject(failure(message));
    pump();
  }

  async function add(): Promise<void> {
    const worker = await startWorker(located, entry, starting);
    if (closed) return end(worker);
    const slot: Slot = { worker, claim: undefined, timer: undefined };
    worker.on('error', () => lose(slot, 'stopped'));
    worker.on('exit', () => lose(slot, 'stopped'));
    worker.on('message', (message) => answer(slot, message as WorkerAnswer));
    alive.add(slot);
    idle.push(slot);
    pump();
  }

  /** Tries until a worker stands; while none is left, those who wait are told at each failure. */
  async function replace(): Promise<void> {
    for (let pause = RESTART_PAUSE.first; !closed; pause = Math.min(2 * pause, RESTART_PAUSE.longest)) {
      try {
        return await add();
      } catch (error) {
        if (alive.size === 0) for (const claim of claims.splice(0)) claim.reject(error);
        await delay(pause, undefined, { ref: false });
      }
    }
  }

  async function close(): Promise<void> {
    closed = true;
    for (const claim of claims.splice(0)) claim.reject(closedError());
    const last = [...alive];
    for (const slot of last) release(slot)?.reject(closedError());
    alive.clear();
    await Promise.all([...last.map(({ worker }) => worker), ...starting].map(end));
  }

  const runNext: EncoderPool['runNext'] = (take) =>
    new Promise((resolve, reject) => {
      if (closed) return reject(closedError());
      claims.push({ take, resolve, reject });
      pump();
    });

  // The first alone, for it is ready sooner while nobody else loads; the others need not be waited for.
  await add();
  for (let i = 1; i < size; i++) void replace();
  return {
    size,
    get alive() {
      return alive.size;
    },
    run: async (request) => (await runNext(() => request))!,
    runNext,
    close,
  };
}
