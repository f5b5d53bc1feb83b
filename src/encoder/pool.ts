/**
 * Worker processes with one encoder session each. onnxruntime blocks the thread that calls it, so never the main one;
 * and processes rather than threads, for a thread cannot be ended while onnxruntime runs in it without ending them all.
 */

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { RasidError } from '../errors.ts';
import { forkWorker, hasEnded, WORKER } from './fork-worker.ts';
import type { LocatedEncoder } from './locate.ts';
import type { Encoded } from './session.ts';
import type { WorkerAnswer, WorkerMessage, WorkerRequest } from './worker.ts';

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
  /** Workers that have a request. */
  readonly busy: number;
  /** Workers that have one request, and so could be given another ahead. */
  readonly spare: number;
  /** @throws RasidError `worker-failed`, or what the worker reports. */
  run(request: WorkerRequest): Promise<Encoded>;
  /**
   * Asks for the next free worker. `take` is called when it is there, so that a batch is formed as late as it can be;
   * where it returns undefined nothing is run, and the answer is undefined.
   */
  runNext(take: () => WorkerRequest | undefined): Promise<Answered | undefined>;
  /**
   * Gives a request to a busy worker that is to begin with it right after its own, without waiting for this process; if the
   * worker is lost before, another takes it. Where none is spare it waits for a free one.
   * @param onBegin Called when a worker begins with it.
   */
  runAhead(request: WorkerRequest, onBegin: () => void): Promise<Answered>;
  close(): Promise<void>;
}

export interface Answered {
  encoded: Encoded;
  /** Time the worker took, ms. */
  ms: number;
}

interface Claim {
  take: () => WorkerRequest | undefined;
  onBegin?: () => void;
  resolve: (answered: Answered | undefined) => void;
  reject: (error: unknown) => void;
}

interface Job {
  claim: Claim;
  request: WorkerRequest;
}

/** A living worker, and what it was given: at the head what it is doing, then what it is to do next. */
interface Slot {
  worker: ChildProcess;
  jobs: Job[];
  /** When it began with the head, ms. */
  since: number;
  timer: NodeJS.Timeout | undefined;
}

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
  if (worker.pid === undefined || hasEnded(worker)) return;
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
    const worker = forkWorker(entry);
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
  const alive = new Set<Slot>();
  const starting = new Set<ChildProcess>();
  let closed = false;
  const slotWith = (jobs: number) => [...alive].find((slot) => slot.jobs.length === jobs);
  const count = (is: (slot: Slot) => boolean) => [...alive].filter(is).length;

  function pump(): void {
    for (let slot = slotWith(0); slot !== undefined && claims.length > 0; slot = slotWith(0)) {
      const claim = claims.shift()!;
      const request = claim.take();
      if (request === undefined) claim.resolve(undefined);
      else assign(slot, { claim, request });
    }
  }

  function assign(slot: Slot, job: Job): void {
    slot.jobs.push(job);
    if (slot.jobs.length === 1) begin(slot);
    send(slot.worker, job.request);
  }

  /** The worker is at its head job from now on. */
  function begin(slot: Slot): void {
    slot.since = performance.now();
    slot.jobs[0]!.claim.onBegin?.();
    if (inferenceTimeout === undefined) return;
    slot.timer = setTimeout(() => lose(slot, `took more than ${inferenceTimeout} ms`), inferenceTimeout);
  }

  function lose(slot: Slot, what: string): void {
    if (!alive.delete(slot)) return;
    clearTimeout(slot.timer);
    const [head, ...next] = slot.jobs;
    head?.claim.reject(
      new RasidError('worker-failed', `an encoder worker ${what}; it is being replaced`, {
        hint: 'Send the request again.',
      }),
    );
    claims.unshift(...next.map(({ claim, request }) => ({ ...claim, take: () => request })));
    void end(slot.worker);
    void replace();
    pump();
  }

  function answer(slot: Slot, message: WorkerAnswer): void {
    if (!alive.has(slot)) return;
    clearTimeout(slot.timer);
    const job = slot.jobs.shift();
    const ms = performance.now() - slot.since;
    if (slot.jobs.length > 0) begin(slot);
    if (message.kind === 'encoded') job?.claim.resolve({ encoded: message.encoded, ms });
    else if (message.kind === 'failed') job?.claim.reject(failure(message));
    pump();
  }

  async function add(): Promise<void> {
    const worker = await startWorker(located, entry, starting);
    if (closed) return end(worker);
    const slot: Slot = { worker, jobs: [], since: 0, timer: undefined };
    worker.on('error', () => lose(slot, 'stopped'));
    worker.on('exit', () => lose(slot, 'stopped'));
    worker.on('message', (message) => answer(slot, message as WorkerAnswer));
    alive.add(slot);
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
    for (const { jobs, timer } of last) {
      clearTimeout(timer);
      for (const { claim } of jobs) claim.reject(closedError());
    }
    alive.clear();
    await Promise.all([...last.map(({ worker }) => worker), ...starting].map(end));
  }

  const runNext: EncoderPool['runNext'] = (take) =>
    new Promise((resolve, reject) => {
      if (closed) return reject(closedError());
      claims.push({ take, resolve, reject });
      pump();
    });

  function runAhead(request: WorkerRequest, onBegin: () => void): Promise<Answered> {
    return new Promise((resolve, reject) => {
      if (closed) return reject(closedError());
      const claim: Claim = {
        take: () => request,
        onBegin,
        resolve: (answered) => resolve(answered!),
        reject,
      };
      const slot = slotWith(0) ?? slotWith(1);
      if (slot === undefined) claims.push(claim);
      else assign(slot, { claim, request });
    });
  }

  // The first alone, for it is ready sooner while nobody else loads; the others need not be waited for.
  await add();
  for (let i = 1; i < size; i++) void replace();
  return {
    size,
    get alive() {
      return alive.size;
    },
    get busy() {
      return count(({ jobs }) => jobs.length > 0);
    },
    get spare() {
      return count(({ jobs }) => jobs.length === 1);
    },
    run: async (request) => (await runNext(() => request))!.encoded,
    runNext,
    runAhead,
    close,
  };
}
