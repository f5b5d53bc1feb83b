/** Worker threads with one encoder session each. onnxruntime blocks the thread that calls it, so never the main one. */

import { Worker } from 'node:worker_threads';
import { RasidError } from '../errors.ts';
import type { LocatedEncoder } from './locate.ts';
import type { Encoded } from './session.ts';
import type { WorkerAnswer, WorkerRequest } from './worker.ts';

interface Job {
  request: WorkerRequest;
  resolve: (encoded: Encoded) => void;
  reject: (error: unknown) => void;
}

export interface EncoderPool {
  run(request: WorkerRequest): Promise<Encoded>;
  readonly size: number;
  close(): Promise<void>;
}

const WORKER = new URL('./worker-entry.mjs', import.meta.url);

const failure = (answer: Extract<WorkerAnswer, { kind: 'failed' }>) =>
  new RasidError(answer.code, answer.message, answer.hint === undefined ? {} : { hint: answer.hint });

/** Starts one worker and waits until its model is loaded. */
function startWorker(located: LocatedEncoder, entry: URL): Promise<Worker> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(entry, { workerData: located });
    worker.once('error', reject);
    worker.once('exit', () =>
      reject(new RasidError('worker-failed', 'an encoder worker stopped while starting')),
    );
    worker.once('message', (answer: WorkerAnswer) => {
      worker.removeAllListeners('exit');
      worker.removeAllListeners('error');
      if (answer.kind === 'failed') reject(failure(answer));
      else resolve(worker);
    });
  });
}

/**
 * Opens `size` workers. A worker that dies fails its job with `worker-failed` and is replaced.
 * @param entry What a worker runs; it answers `WorkerRequest`s with `WorkerAnswer`s.
 * @throws RasidError of the first worker that cannot load the model.
 */
export async function openPool(located: LocatedEncoder, size: number, entry = WORKER): Promise<EncoderPool> {
  const queue: Job[] = [];
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  let closed = false;

  function pump(): void {
    while (queue.length > 0 && idle.length > 0) assign(idle.pop()!, queue.shift()!);
  }

  function assign(worker: Worker, job: Job): void {
    const settle = (act: () => void) => {
      worker.removeAllListeners('message');
      worker.removeAllListeners('exit');
      worker.removeAllListeners('error');
      act();
    };
    const died = () =>
      settle(() => {
        all.delete(worker);
        job.reject(new RasidError('worker-failed', 'an encoder worker stopped; it is being replaced'));
        if (!closed) void add().catch(failQueue);
      });
    worker.once('error', died);
    worker.once('exit', died);
    worker.once('message', (answer: WorkerAnswer) =>
      settle(() => {
        idle.push(worker);
        if (answer.kind === 'encoded') job.resolve(answer.encoded);
        else if (answer.kind === 'failed') job.reject(failure(answer));
        pump();
      }),
    );
    worker.ref();
    worker.postMessage(job.request);
  }

  /** Without a single worker left, nobody would ever answer the jobs that wait. */
  function failQueue(error: unknown): void {
    if (all.size === 0) for (const job of queue.splice(0)) job.reject(error);
  }

  async function add(): Promise<void> {
    const worker = await startWorker(located, entry);
    if (closed) {
      await worker.terminate();
      return;
    }
    all.add(worker);
    idle.push(worker);
    pump();
  }

  const started = await Promise.allSettled(Array.from({ length: size }, add));
  const failed = started.find((s) => s.status === 'rejected');
  const close = async () => {
    closed = true;
    for (const job of queue.splice(0)) job.reject(new RasidError('worker-failed', 'the encoder was closed'));
    await Promise.all([...all].map((worker) => worker.terminate()));
  };
  if (failed) {
    await close();
    throw failed.reason;
  }
  return {
    size,
    run: (request) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new RasidError('worker-failed', 'the encoder was closed'));
        queue.push({ request, resolve, reject });
        pump();
      }),
    close,
  };
}
