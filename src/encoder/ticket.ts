/** One caller's wait for its texts: until all are there, one fails, the deadline passes or the caller goes away. */

import { RasidError } from '../errors.ts';
import type { EncodeTiming } from './encoder.ts';
import type { EncodedText } from './vector-cache.ts';

export interface Ticket {
  /** A text of this caller has gone to a worker: from now on the deadline no longer counts. */
  begin(): void;
  give(key: string, result: EncodedText): void;
  fail(error: unknown): void;
  readonly done: Promise<EncodeTiming>;
}

export interface TicketOptions {
  /** Results still to come. */
  missing: number;
  /** Filled by key. */
  results: Map<string, EncodedText>;
  /** Longest wait until the first text is begun, ms. */
  deadline: number | undefined;
  signal: AbortSignal | undefined;
  /** Called once where the wait ends without all results. */
  onFail: () => void;
}

export function createTicket({ missing, results, deadline, signal, onFail }: TicketOptions): Ticket {
  const { promise, resolve, reject } = withResolvers<EncodeTiming>();
  const since = performance.now();
  let begun: number | undefined;
  let left = missing;
  let settled = false;

  function settle(): boolean {
    if (settled) return false;
    settled = true;
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    return true;
  }
  function fail(error: unknown): void {
    if (!settle()) return;
    onFail();
    reject(error);
  }
  const abort = () => fail(signal!.reason);
  const expire = () =>
    fail(
      new RasidError('deadline-exceeded', `waited ${deadline} ms without being begun`, {
        hint: 'Send the request again later.',
        details: { retryAfter: 1 },
      }),
    );
  const timer = deadline === undefined ? undefined : setTimeout(expire, deadline);
  signal?.addEventListener('abort', abort, { once: true });

  return {
    done: promise,
    fail,
    begin() {
      begun ??= performance.now();
      clearTimeout(timer);
    },
    give(key, result) {
      results.set(key, result);
      left -= 1;
      if (left > 0 || !settle()) return;
      const now = performance.now();
      resolve({ queue: (begun ?? now) - since, encode: now - (begun ?? now) });
    },
  };
}

/** `Promise.withResolvers` of ES2024, which Node 20 has not. */
function withResolvers<T>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
