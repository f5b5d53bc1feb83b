/** One caller's wait for its texts: until all are there, one fails, the deadline passes or the caller goes away. */

import { RasidError } from '../errors.ts';
import type { EncodeTiming } from './encoder.ts';
import type { EncodedText } from './vector-cache.ts';

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

/** A class, for hundreds may wait: what each holds is copied when memory is collected, and named closures are large under tsx. */
export class Ticket {
  readonly done: Promise<EncodeTiming>;
  readonly #options: TicketOptions;
  readonly #since = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;
  #begun: number | undefined;
  #left: number;
  #isSettled = false;
  #resolve!: (timing: EncodeTiming) => void;
  #reject!: (error: unknown) => void;

  constructor(options: TicketOptions) {
    this.#options = options;
    this.#left = options.missing;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const { deadline, signal } = options;
    if (deadline !== undefined) this.#timer = setTimeout(() => this.#expire(), deadline);
    signal?.addEventListener('abort', this, { once: true });
  }

  /** A text of this caller has gone to a worker: from now on the deadline no longer counts. */
  begin(): void {
    this.#begun ??= performance.now();
    clearTimeout(this.#timer);
  }

  give(key: string, result: EncodedText): void {
    this.#options.results.set(key, result);
    this.#left -= 1;
    if (this.#left > 0 || !this.#settle()) return;
    const now = performance.now();
    const begun = this.#begun ?? now;
    this.#resolve({ queue: begun - this.#since, encode: now - begun });
  }

  fail(error: unknown): void {
    if (!this.#settle()) return;
    this.#options.onFail();
    this.#reject(error);
  }

  /** The signal was aborted: a listener is called by this name. */
  handleEvent(): void {
    this.fail(this.#options.signal!.reason);
  }

  #expire(): void {
    this.fail(
      new RasidError('deadline-exceeded', `waited ${this.#options.deadline} ms without being begun`, {
        hint: 'Send the request again later.',
        details: { retryAfter: 1 },
      }),
    );
  }

  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener('abort', this);
    return true;
  }
}
