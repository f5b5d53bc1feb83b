/**
 * Vectors on disk, by content hash and encoder identity: one append-only file of fixed-size records per identity.
 *
 *     record: sha256 of the text (32 bytes) · tokens (u32) · windows (u32) · truncated (u32) · vector (f32 × dim) · check (8 bytes)
 *
 * The check is the head of the sha256 over the record, so a damaged or half-written record is seen, passed over,
 * reported, and computed anew.
 */

import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describeWriteError, systemErrorCode } from '../errors.ts';
import { writeFileAtomically } from '../storage.ts';
import type { EncodeCallOptions, Encoder } from './encoder.ts';
import { identityKey } from './identity.ts';
import type { Encoded } from './session.ts';

const KEY_BYTES = 32;
const META_BYTES = 12;
const CHECK_BYTES = 8;
/** Texts computed between two writes. */
const SAVE_EVERY = 512;

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest();
const checkOf = (body: Uint8Array) => sha256(body).subarray(0, CHECK_BYTES);

export interface CacheReport {
  hits: number;
  computed: number;
  /** Records on disk that were damaged, and are not used. */
  corrupt: number;
}

export interface CachedEncoder extends Encoder {
  /** What came from the cache and what did not, since the encoder was opened. */
  readonly report: Readonly<CacheReport>;
}

/** Wraps an encoder with a cache file in `folder`. @throws RasidError `output-unwritable` or `disk-full` on writing. */
export async function withCache(encoder: Encoder, folder: string): Promise<CachedEncoder> {
  const { dim } = encoder.identity;
  const path = join(folder, 'vectors', `${identityKey(encoder.identity)}.bin`);
  const bodyBytes = KEY_BYTES + META_BYTES + 4 * dim;
  const recordBytes = bodyBytes + CHECK_BYTES;
  const records = new Map<string, Buffer>();
  const report: CacheReport = { hits: 0, computed: 0, corrupt: 0 };

  const file = await readFile(path).catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return Buffer.alloc(0);
    throw describeWriteError(error, path);
  });
  for (let at = 0; at < file.length; at += recordBytes) {
    const body = file.subarray(at, Math.min(at + bodyBytes, file.length));
    const check = file.subarray(at + bodyBytes, at + recordBytes);
    if (body.length === bodyBytes && checkOf(body).equals(check))
      records.set(body.toString('hex', 0, KEY_BYTES), body);
    else report.corrupt += 1;
  }
  // Rewritten without the damaged records; a torn tail would also shift every record appended behind it.
  if (report.corrupt > 0) {
    await writeFileAtomically(
      path,
      Buffer.concat([...records.values()].flatMap((body) => [body, checkOf(body)])),
    );
  }

  async function append(keys: string[], part: Encoded): Promise<void> {
    const chunks = keys.map((key, i) => {
      const record = Buffer.alloc(recordBytes);
      record.write(key, 0, 'hex');
      record.writeUInt32LE(part.tokens[i]!, KEY_BYTES);
      record.writeUInt32LE(part.windows[i]!, KEY_BYTES + 4);
      record.writeUInt32LE(part.truncated[i] ? 1 : 0, KEY_BYTES + 8);
      for (let d = 0; d < dim; d++)
        record.writeFloatLE(part.vectors[i * dim + d]!, KEY_BYTES + META_BYTES + 4 * d);
      const body = record.subarray(0, bodyBytes);
      checkOf(body).copy(record, bodyBytes);
      records.set(key, body);
      return record;
    });
    try {
      await mkdir(dirname(path), { recursive: true });
      await appendFile(path, Buffer.concat(chunks));
    } catch (error) {
      throw describeWriteError(error, path);
    }
  }

  async function encode(texts: readonly string[], options: EncodeCallOptions = {}): Promise<Encoded> {
    const keys = texts.map((text) => sha256(text).toString('hex'));
    const missing = [...new Map(keys.map((key, i) => [key, i])).entries()].filter(
      ([key]) => !records.has(key),
    );
    const held = texts.length - missing.length;
    report.hits += held;
    report.computed += missing.length;
    options.onProgress?.(held, texts.length);
    // In parts, so that an interrupted run keeps what it has computed.
    for (let start = 0; start < missing.length; start += SAVE_EVERY) {
      const part = missing.slice(start, start + SAVE_EVERY);
      const encoded = await encoder.encode(
        part.map(([, i]) => texts[i]!),
        { ...options, onProgress: (done) => options.onProgress?.(held + start + done, texts.length) },
      );
      await append(
        part.map(([key]) => key),
        encoded,
      );
    }
    const out: Encoded = {
      vectors: new Float32Array(texts.length * dim),
      tokens: [],
      truncated: [],
      windows: [],
    };
    for (const [i, key] of keys.entries()) {
      const body = records.get(key)!;
      out.tokens.push(body.readUInt32LE(KEY_BYTES));
      out.windows.push(body.readUInt32LE(KEY_BYTES + 4));
      out.truncated.push(body.readUInt32LE(KEY_BYTES + 8) === 1);
      for (let d = 0; d < dim; d++)
        out.vectors[i * dim + d] = body.readFloatLE(KEY_BYTES + META_BYTES + 4 * d);
    }
    return out;
  }

  return {
    identity: encoder.identity,
    workers: encoder.workers,
    report,
    encode,
    close: () => encoder.close(),
  };
}
