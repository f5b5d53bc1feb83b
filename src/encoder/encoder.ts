/** The encoder that everything else uses: any number of texts in, unit vectors out, in the order they came. */

import { availableParallelism } from 'node:os';
import type { EncoderIdentity } from './identity.ts';
import { type EncoderSource, locateEncoder } from './locate.ts';
import { type EncoderPool, openPool } from './pool.ts';
import type { Encoded } from './session.ts';

export interface EncodeCallOptions {
  /** Called as texts are done. */
  onProgress?: (done: number, total: number) => void;
  /** Stops before the next chunk; the promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Longest wait before the work is begun, ms. Heeded by an encoder with a queue. */
  deadline?: number;
  /** Told at the end by an encoder with a queue. */
  onTimed?: (timing: EncodeTiming) => void;
}

export interface EncodeTiming {
  /** From the call until its first text was begun, ms; 0 where every vector was cached. */
  queue: number;
  /** From then until its last text was done, ms. */
  encode: number;
}

export interface Encoder {
  readonly identity: EncoderIdentity;
  readonly workers: number;
  /**
   * Vectors [n, dim] with what was read of each text.
   * @throws RasidError `worker-failed`, or `encoder-corrupt` where the model cannot be loaded.
   */
  encode(texts: readonly string[], options?: EncodeCallOptions): Promise<Encoded>;
  close(): Promise<void>;
}

/** Texts of like length travel together; small enough that the workers finish at about the same time. */
const TEXTS_PER_CHUNK = 32;

/**
 * Opens an encoder on worker processes. They start with the first text: where all vectors are cached, no model is loaded.
 * @param workers Worker processes; 0: one per CPU core.
 * @throws RasidError of `locateEncoder`.
 */
export async function openEncoder(source: EncoderSource, { workers }: { workers: number }): Promise<Encoder> {
  const located = await locateEncoder(source);
  const size = workers || availableParallelism();
  let opened: Promise<EncoderPool> | undefined;
  const { dim } = located.identity;

  async function encode(
    texts: readonly string[],
    { onProgress, signal }: EncodeCallOptions = {},
  ): Promise<Encoded> {
    opened ??= openPool(located, size);
    const pool = await opened;
    const order = texts.map((_, i) => i).sort((a, b) => texts[b]!.length - texts[a]!.length);
    const chunkSize = Math.max(1, Math.min(TEXTS_PER_CHUNK, Math.ceil(texts.length / pool.size)));
    const result: Encoded = {
      vectors: new Float32Array(texts.length * dim),
      tokens: new Array<number>(texts.length),
      truncated: new Array<boolean>(texts.length),
      windows: new Array<number>(texts.length),
    };
    let next = 0;
    let done = 0;
    const drain = async () => {
      while (next < order.length) {
        signal?.throwIfAborted();
        const indices = order.slice(next, next + chunkSize);
        next += indices.length;
        const part = await pool.run({ texts: indices.map((i) => texts[i]!) });
        for (const [k, i] of indices.entries()) {
          result.vectors.set(part.vectors.subarray(k * dim, (k + 1) * dim), i * dim);
          result.tokens[i] = part.tokens[k]!;
          result.truncated[i] = part.truncated[k]!;
          result.windows[i] = part.windows[k]!;
        }
        done += indices.length;
        onProgress?.(done, texts.length);
      }
    };
    await Promise.all(Array.from({ length: pool.size }, drain));
    return result;
  }

  return {
    identity: located.identity,
    workers: size,
    encode,
    // A pool that could not be opened holds nothing to close; `encode` has told.
    close: async () => (await opened?.catch(() => undefined))?.close(),
  };
}
