/**
 * The queue between callers and the pool: texts that arrive together travel in one batch, up to a budget of tokens;
 * identical texts in flight are computed once; what waits is bounded and can be called off.
 */

import { createAdmission, estimateTokens, type Load } from './admission.ts';
import type { EncodeCallOptions, EncodeTiming } from './encoder.ts';
import type { EncoderIdentity } from './identity.ts';
import type { Answered, EncoderPool } from './pool.ts';
import type { Encoded } from './session.ts';
import { Ticket } from './ticket.ts';
import { cacheKey, type EncodedText, type VectorCache } from './vector-cache.ts';

export interface QueueOptions {
  /** Most texts and tokens waiting. */
  queueTexts: number;
  queueTokens: number;
  /** Longest wait for a batch to fill while a worker is idle, ms. */
  batchWait: number;
  /** Most tokens in one batch, estimated; a longer text travels alone. */
  batchTokens: number;
}

/** Told what happens, for metrics. */
export interface QueueObserver {
  /** How texts were found: their vector cached, the same text in flight already, or to be computed. */
  onLookup?(found: { cached: number; joined: number; computed: number }): void;
  /** A text has left the queue for a worker after `ms`. */
  onBegin?(ms: number): void;
  /** A batch is done: its texts, their true tokens, and how long the worker took, ms. */
  onBatch?(batch: { texts: number; tokens: number; ms: number }): void;
}

/** One text that waits or is being computed, for one or more callers. */
interface Job {
  key: string;
  text: string;
  /** Estimated. */
  tokens: number;
  since: number;
  /** Whether a worker is at it. */
  hasBegun: boolean;
  tickets: Set<Ticket>;
}

export interface BatchingQueue {
  /**
   * @throws RasidError `overloaded` at once; `deadline-exceeded`; `worker-failed`; the signal's reason.
   */
  encode(texts: readonly string[], options?: EncodeCallOptions): Promise<Encoded>;
  /** What waits and has not begun. */
  waiting(): Load;
  /** @throws RasidError `overloaded` where nothing more fits. */
  refuseIfFull(): void;
}

export function createQueue(
  pool: EncoderPool,
  identity: EncoderIdentity,
  cache: VectorCache,
  { queueTexts, queueTokens, batchWait, batchTokens }: QueueOptions,
  observer: QueueObserver = {},
): BatchingQueue {
  const keyOf = cacheKey(identity);
  const admission = createAdmission({ texts: queueTexts, tokens: queueTokens }, pool.size);
  /** In the order they came. */
  const queued = new Set<Job>();
  /** Queued and running. */
  const inFlight = new Map<string, Job>();
  const load: Load = { texts: 0, tokens: 0 };
  /** Batches that wait for a free worker. */
  let unclaimed = 0;
  let timer: NodeJS.Timeout | undefined;

  function leave(job: Job): void {
    if (!queued.delete(job)) return;
    load.texts -= 1;
    load.tokens -= job.tokens;
  }

  function abandon(ticket: Ticket, jobs: Iterable<Job>): void {
    for (const job of jobs) {
      job.tickets.delete(ticket);
      if (job.tickets.size > 0 || !queued.has(job)) continue;
      leave(job);
      inFlight.delete(job.key);
    }
  }

  /** The oldest texts within the budget; at least one. */
  function takeBatch(budget: number): Job[] {
    const batch: Job[] = [];
    let tokens = 0;
    for (const job of queued) {
      if (batch.length > 0 && tokens + job.tokens > budget) break;
      batch.push(job);
      tokens += job.tokens;
    }
    for (const job of batch) leave(job);
    return batch;
  }

  /** A worker begins with the batch now. */
  function begin(batch: readonly Job[]): void {
    const now = performance.now();
    for (const job of batch) {
      job.hasBegun = true;
      observer.onBegin?.(now - job.since);
      for (const ticket of job.tickets) ticket.begin();
    }
  }

  const requestOf = (batch: readonly Job[]) => ({ texts: batch.map(({ text }) => text) });

  /** Workers that neither have a batch nor are about to take one. */
  const free = () => Math.max(0, pool.size - pool.busy - unclaimed);

  /** Batches for workers that are free, as soon as there are texts; for busy ones only such as are full. */
  function schedule(): void {
    if (queued.size === 0) return;
    const workers = free();
    if (workers > 0) {
      const isFilled = load.tokens >= batchTokens * workers;
      if (batchWait === 0 || workers < pool.size || isFilled) send();
      else timer ??= setTimeout(send, batchWait);
    } else if (unclaimed === 0 && pool.spare > 0 && load.tokens >= batchTokens) {
      void runAhead();
      schedule();
    }
  }

  function send(): void {
    clearTimeout(timer);
    timer = undefined;
    const batches = Math.min(free(), queued.size);
    unclaimed += batches;
    for (let i = 0; i < batches; i++) void runNext();
  }

  /** What waits is shared evenly among the workers that wait, so that none stays idle. */
  async function runNext(): Promise<void> {
    let batch: Job[] | undefined;
    try {
      const answered = await pool.runNext(() => {
        batch = takeBatch(Math.min(batchTokens, Math.ceil(load.tokens / unclaimed)));
        unclaimed -= 1;
        begin(batch);
        return batch.length === 0 ? undefined : requestOf(batch);
      });
      if (answered !== undefined) finish(batch!, answered);
    } catch (error) {
      // A claim that no worker took leaves its texts waiting; with no worker left, nobody would come for them.
      if (batch === undefined) unclaimed -= 1;
      fail(batch ?? (pool.alive > 0 ? [] : [...queued]), error);
    }
    schedule();
  }

  async function runAhead(): Promise<void> {
    const batch = takeBatch(batchTokens);
    try {
      finish(batch, await pool.runAhead(requestOf(batch), () => begin(batch)));
    } catch (error) {
      fail(batch, error);
    }
    schedule();
  }

  function fail(batch: readonly Job[], error: unknown): void {
    for (const job of batch) {
      leave(job);
      inFlight.delete(job.key);
      for (const ticket of job.tickets) ticket.fail(error);
    }
  }

  function finish(batch: readonly Job[], { encoded, ms }: Answered): void {
    const { dim } = identity;
    const tokens = encoded.tokens.reduce((sum, n) => sum + Math.min(n, identity.maxTokens), 0);
    admission.observe(
      batch.reduce((sum, job) => sum + job.tokens, 0),
      ms,
    );
    observer.onBatch?.({ texts: batch.length, tokens, ms });
    for (const [i, job] of batch.entries()) {
      const result: EncodedText = {
        vector: encoded.vectors.slice(i * dim, (i + 1) * dim),
        tokens: encoded.tokens[i]!,
        truncated: encoded.truncated[i]!,
        windows: encoded.windows[i]!,
      };
      cache.set(job.key, result);
      inFlight.delete(job.key);
      for (const ticket of job.tickets) ticket.give(job.key, result);
    }
  }

  /** Adds what is neither cached nor in flight; all of it or, with an error, nothing. */
  function admit(missing: ReadonlyMap<string, string>, deadline: number | undefined): Job[] {
    const fresh = [...missing].filter(([key]) => !inFlight.has(key));
    const since = performance.now();
    const jobs = fresh.map(([key, text]): Job => {
      const tokens = estimateTokens(text, identity.maxTokens);
      return { key, text, tokens, since, hasBegun: false, tickets: new Set<Ticket>() };
    });
    if (jobs.length > 0) {
      const wanted = { texts: jobs.length, tokens: jobs.reduce((sum, job) => sum + job.tokens, 0) };
      admission.check(wanted, load, deadline);
      load.texts += wanted.texts;
      load.tokens += wanted.tokens;
    }
    for (const job of jobs) {
      queued.add(job);
      inFlight.set(job.key, job);
    }
    observer.onLookup?.({ cached: 0, joined: missing.size - fresh.length, computed: fresh.length });
    return [...missing.keys()].map((key) => inFlight.get(key)!);
  }

  async function encode(texts: readonly string[], options: EncodeCallOptions = {}): Promise<Encoded> {
    const { signal, deadline, onTimed, onProgress } = options;
    signal?.throwIfAborted();
    const keys = texts.map(keyOf);
    const found = new Map<string, EncodedText>();
    const missing = new Map<string, string>();
    for (const [i, key] of keys.entries()) {
      const cached = found.get(key) ?? cache.get(key);
      if (cached === undefined) missing.set(key, texts[i]!);
      else found.set(key, cached);
    }
    observer.onLookup?.({ cached: found.size, joined: 0, computed: 0 });
    let timing: EncodeTiming = { queue: 0, encode: 0 };
    if (missing.size > 0) {
      const jobs = admit(missing, deadline);
      const ticket = new Ticket({
        missing: jobs.length,
        results: found,
        deadline,
        signal,
        onFail: () => abandon(ticket, jobs),
      });
      for (const job of jobs) {
        job.tickets.add(ticket);
        if (job.hasBegun) ticket.begin();
      }
      schedule();
      timing = await ticket.done;
    }
    onTimed?.(timing);
    onProgress?.(texts.length, texts.length);
    return assemble(
      keys.map((key) => found.get(key)!),
      identity.dim,
    );
  }

  return { encode, waiting: () => ({ ...load }), refuseIfFull: () => admission.refuseIfFull(load) };
}

function assemble(rows: readonly EncodedText[], dim: number): Encoded {
  const vectors = new Float32Array(rows.length * dim);
  for (const [i, { vector }] of rows.entries()) vectors.set(vector, i * dim);
  return {
    vectors,
    tokens: rows.map(({ tokens }) => tokens),
    truncated: rows.map(({ truncated }) => truncated),
    windows: rows.map(({ windows }) => windows),
  };
}
