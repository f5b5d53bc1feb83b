/** Finds the files of an encoder: a local folder, or a hub name that is downloaded once into the cache. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { RasidError } from '../errors.ts';
import { writeFileAtomically } from '../storage.ts';
import type { EncoderIdentity, EncoderSettings } from './identity.ts';

export interface EncoderSource extends EncoderSettings {
  /** A folder, or a hub name `owner/model`. */
  encoder: string;
  dtype: 'q8' | 'fp32' | 'fp16';
  hubUrl: string;
  cacheFolder: string;
  /** Called while files come from the hub. `total` is 0 where the hub does not tell. */
  onDownload?: (file: string, receivedBytes: number, totalBytes: number) => void;
}

export interface LocatedEncoder {
  folder: string;
  identity: EncoderIdentity;
  dtype: EncoderSource['dtype'];
}

/** Where the ONNX file of each precision lies, by the convention of Transformers.js. */
export const ONNX_FILES = {
  q8: 'onnx/model_quantized.onnx',
  fp32: 'onnx/model.onnx',
  fp16: 'onnx/model_fp16.onnx',
} as const;
const JSON_FILES = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];
const HUB_NAME = /^[\w.-]+\/[\w.-]+$/;
/** Bytes: with Node's own 64 KB, hashing the encoder took twice as long. */
const HASHED_AT_ONCE = 1024 * 1024;
const DOWNLOAD_TIMEOUT_MS = 30_000;

const configSchema = z.looseObject({
  hidden_size: z.number().int().positive().optional(),
  dim: z.number().int().positive().optional(),
  max_position_embeddings: z.number().int().positive().optional(),
});

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: HASHED_AT_ONCE }))
    hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

async function download(url: string, target: string, report: (received: number, total: number) => void) {
  const unreachable = (reason: string, cause?: unknown) =>
    new RasidError('hub-unreachable', `${url}: ${reason}`, {
      hint: 'Go online, name another hub with --hub-url, or give a local folder with --encoder.',
      cause,
    });
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
  } catch (error) {
    throw unreachable('the hub does not answer', error);
  }
  if (response.status === 404) {
    throw new RasidError('encoder-missing', `${url}: the hub has no such file`, {
      hint: 'Check the name; the model must hold ONNX files in the precision asked for (--encoder-dtype).',
    });
  }
  if (!response.ok || response.body === null) throw unreachable(`the hub answered ${response.status}`);
  const total = Number(response.headers.get('content-length') ?? 0);
  const body = response.body;
  async function* counted() {
    let received = 0;
    try {
      for await (const chunk of body) {
        received += chunk.byteLength;
        report(received, total);
        yield chunk;
      }
    } catch (error) {
      throw unreachable('the connection broke', error);
    }
    if (total > 0 && received !== total) throw unreachable(`${received} of ${total} bytes came`);
  }
  await writeFileAtomically(target, counted());
}

async function fetchFromHub(source: EncoderSource, files: string[]): Promise<string> {
  const folder = resolve(source.cacheFolder, 'hub', source.encoder);
  for (const file of files) {
    const target = join(folder, file);
    if (await exists(target)) continue;
    const url = `${source.hubUrl.replace(/\/$/, '')}/${source.encoder}/resolve/main/${file}`;
    await download(url, target, (received, total) => source.onDownload?.(file, received, total));
  }
  return folder;
}

async function readConfig(path: string) {
  try {
    return configSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    throw new RasidError('encoder-corrupt', `${path}: not a model configuration`);
  }
}

/**
 * The folder and identity of an encoder, downloaded first where a hub name is given and the cache has none.
 * @throws RasidError `encoder-missing`, `encoder-corrupt`, `hub-unreachable` or `config-invalid`.
 */
export async function locateEncoder(source: EncoderSource): Promise<LocatedEncoder> {
  const onnx = ONNX_FILES[source.dtype];
  const files = [...JSON_FILES, onnx];
  const local = await exists(source.encoder);
  if (!local && !HUB_NAME.test(source.encoder)) {
    throw new RasidError('encoder-missing', `${source.encoder}: no such folder, and no hub name either`);
  }
  if (!local && source.encoder.startsWith('models/')) {
    throw new RasidError('encoder-missing', `${source.encoder}: no such folder`, {
      hint: 'Check --encoder.',
    });
  }
  const folder = local ? resolve(source.encoder) : await fetchFromHub(source, files);
  for (const file of files) {
    if (!(await exists(join(folder, file)))) {
      throw new RasidError('encoder-missing', `${join(folder, file)}: does not exist`, {
        hint: `An encoder folder holds ${files.join(', ')}.`,
      });
    }
  }
  const config = await readConfig(join(folder, 'config.json'));
  const dim = config.hidden_size ?? config.dim;
  if (dim === undefined)
    throw new RasidError('encoder-corrupt', `${folder}/config.json: names no hidden_size`);
  const positions = config.max_position_embeddings ?? Number.POSITIVE_INFINITY;
  if (source.windowTokens > positions) {
    throw new RasidError(
      'config-invalid',
      `window of ${source.windowTokens} tokens, but ${basename(folder)} has ${positions} positions`,
    );
  }
  const { prefix, pooling, windowTokens, maxTokens } = source;
  const [weights, tokenizer] = await Promise.all([
    sha256(join(folder, onnx)),
    sha256(join(folder, 'tokenizer.json')),
  ]);
  const name = local ? basename(folder) : source.encoder;
  return {
    folder,
    dtype: source.dtype,
    identity: { name, dim, weights, tokenizer, prefix, pooling, windowTokens, maxTokens },
  };
}
