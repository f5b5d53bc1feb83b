/** Gzip around a text writer: one member a piece (RFC 1952, 2.2: a file is a series of members). */

import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { RowWriter, Written } from './writer.ts';

const compress = promisify(gzip);
/** Place of the operating system in a member's header, and its value for "unknown": the same bytes everywhere. */
const SYSTEM = { at: 9, unknown: 255 };

async function member(bytes: Uint8Array): Promise<Uint8Array> {
  const zipped = await compress(bytes);
  zipped[SYSTEM.at] = SYSTEM.unknown;
  return zipped;
}

export function withGzip(writer: RowWriter, { bytes: written }: Written): RowWriter {
  let isFresh = written === 0;
  return {
    add: writer.add,
    async take() {
      const { bytes } = await writer.take();
      if (bytes.length === 0) return { bytes };
      isFresh = false;
      return { bytes: await member(bytes) };
    },
    async end() {
      const bytes = await writer.end();
      // Even a file of nothing is one member: an empty file is no gzip.
      return bytes.length === 0 && !isFresh ? bytes : member(bytes);
    },
  };
}
