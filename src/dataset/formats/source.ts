/** The bytes of a text file: as they lie there, out of gzip (RFC 1952), or from standard input. */

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { RasidError, systemErrorCode } from '../../errors.ts';
import { readBytes } from '../jsonl.ts';

/** The name of standard input among the inputs of a command. */
export const STANDARD_INPUT = '-';

const GZIP_ENDING = /\.gz$/i;
const GZIP_MAGIC = [0x1f, 0x8b];

/** `a.jsonl.gz` → `a.jsonl`; any other name stays. */
export const withoutGzipEnding = (path: string) => path.replace(GZIP_ENDING, '');

export interface Peeked {
  /** The first bytes, at least as many as asked for where the stream has so many. */
  head: Uint8Array;
  /** Whether they are the whole stream. */
  isWhole: boolean;
  /** The stream from its beginning. It must be read or returned. */
  all: AsyncGenerator<Uint8Array>;
}

/** Looks at the beginning of a stream without losing it. */
export async function peek(source: AsyncIterable<Uint8Array>, bytes: number): Promise<Peeked> {
  const iterator = source[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let length = 0;
  let isWhole = false;
  while (length < bytes && !isWhole) {
    const { done, value } = await iterator.next();
    if (done) isWhole = true;
    else {
      chunks.push(value);
      length += value.length;
    }
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      yield* chunks.splice(0);
      for (;;) {
        const { done, value } = await iterator.next();
        if (done) return;
        yield value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return { head: Buffer.concat(chunks), isWhole, all: all() };
}

async function* counted(
  source: AsyncIterable<Uint8Array>,
  onBytes: ((bytes: number) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    onBytes?.(chunk.length);
    yield chunk;
  }
}

async function* gunzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const unzipped = createGunzip();
  const feeding = pipeline(Readable.from(source, { objectMode: false }), unzipped);
  // A fault is met by the loop below as well.
  feeding.catch(() => {});
  try {
    for await (const chunk of unzipped) yield chunk as Uint8Array;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code !== 'Z_BUF_ERROR' && code !== 'Z_DATA_ERROR') throw error;
    const reason = code === 'Z_BUF_ERROR' ? 'is cut short: its gzip stream does not end' : 'is damaged gzip';
    throw new RasidError('gzip-invalid', reason, { cause: error });
  }
}

/**
 * The bytes of a file or of standard input. Gzip is recognised by its first bytes, and by the ending `.gz`.
 * @param onBytes Told the bytes read, before they are unzipped.
 * @throws RasidError `file-unreadable`, or `gzip-invalid` with the bare reason as its message.
 */
export async function* readSource(
  path: string,
  onBytes?: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const bytes = path === STANDARD_INPUT ? (process.stdin as AsyncIterable<Uint8Array>) : readBytes(path);
  const { head, all } = await peek(counted(bytes, onBytes), GZIP_MAGIC.length);
  const isGzip = GZIP_ENDING.test(path) || GZIP_MAGIC.every((byte, i) => head[i] === byte);
  yield* isGzip ? gunzip(all) : all;
}
