/** One transformer in memory: texts in, pooled vectors out, on the calling thread. Runs inside a worker. */

import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AutoModel, AutoTokenizer, env, Tensor } from '@xenova/transformers';
import { RasidError } from '../errors.ts';
import { splitSentences } from '../text/sentences.ts';
import type { LocatedEncoder } from './locate.ts';
import { batchByLength, packSentences, type Window } from './windows.ts';

export interface EncodeOptions {
  /** Padded tokens per batch. */
  batchTokens: number;
}

export interface Encoded {
  /** Unit vectors, row-major [texts, dim]. */
  vectors: Float32Array;
  /** Tokens of each whole text, special tokens not counted. */
  tokens: number[];
  /** Which texts were cut at `maxTokens`. */
  truncated: boolean[];
  /** Windows run for each text. */
  windows: number[];
}

export interface Session {
  /** @throws RasidError `encoder-corrupt` where the model returns anything but [batch, length, dim]. */
  encode(texts: readonly string[], options: EncodeOptions): Promise<Encoded>;
}

type TokenizerCall = (
  text: string,
  options: { add_special_tokens: boolean; return_tensor: false },
) => { input_ids: number[] };

/**
 * Loads tokenizer and model with one compute thread.
 * @throws RasidError `encoder-corrupt` where onnxruntime or the tokenizer refuses the files.
 */
export async function openSession({ folder, identity, dtype }: LocatedEncoder): Promise<Session> {
  env.allowRemoteModels = false;
  env.localModelPath = `${dirname(folder)}/`;
  const name = basename(folder);
  const corrupt = (file: string) => (error: unknown) => {
    throw new RasidError(
      'encoder-corrupt',
      `${join(folder, file)}: cannot be loaded (${(error as Error).message})`,
      {
        hint: 'The file is damaged or not an encoder; restore it.',
        cause: error,
      },
    );
  };
  await readFile(join(folder, 'tokenizer.json'), 'utf8').then(JSON.parse).catch(corrupt('tokenizer.json'));
  const tokenizer = await AutoTokenizer.from_pretrained(name).catch(corrupt('tokenizer.json'));
  const session_options = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 as const };
  const model = await AutoModel.from_pretrained(name, { dtype, session_options }).catch(corrupt('onnx'));

  const call = tokenizer as unknown as TokenizerCall;
  const tokenise = (text: string, special = false) =>
    call(text, { add_special_tokens: special, return_tensor: false }).input_ids;
  const special = tokenise('', true);
  const before = [
    ...special.slice(0, Math.ceil(special.length / 2)),
    ...(identity.prefix ? tokenise(identity.prefix) : []),
  ];
  const after = special.slice(Math.ceil(special.length / 2));
  const extra = before.length + after.length;
  const pad = tokenizer.pad_token_id ?? 0;

  /** Adds the token vectors of each window of the batch to its text's sum. */
  async function run(batch: Window[], sums: Float64Array, counts: Float64Array): Promise<void> {
    const length = batch[0]!.ids.length + extra;
    const ids = new BigInt64Array(batch.length * length).fill(BigInt(pad));
    const mask = new BigInt64Array(batch.length * length);
    for (const [i, window] of batch.entries()) {
      const all = [...before, ...window.ids, ...after];
      for (const [j, id] of all.entries()) ids[i * length + j] = BigInt(id);
      mask.fill(1n, i * length, i * length + all.length);
    }
    const shape = [batch.length, length];
    const input_ids = new Tensor('int64', ids, shape);
    const attention_mask = new Tensor('int64', mask, shape);
    const output = await (model as unknown as (inputs: object) => Promise<{ last_hidden_state?: Tensor }>)({
      input_ids,
      attention_mask,
    });
    const hidden = output.last_hidden_state;
    const expected = [batch.length, length, identity.dim];
    if (hidden === undefined || expected.some((n, axis) => hidden.dims[axis] !== n)) {
      throw new RasidError(
        'encoder-corrupt',
        `${folder}: the model returned [${hidden?.dims}], expected [${expected}]`,
      );
    }
    const data = hidden.data as Float32Array;
    for (const [i, window] of batch.entries()) {
      const pooled = identity.pooling === 'cls' ? 1 : window.ids.length + extra;
      const weight = identity.pooling === 'cls' ? window.ids.length : 1;
      const sum = sums.subarray(window.text * identity.dim, (window.text + 1) * identity.dim);
      for (let t = 0; t < pooled; t++) {
        const at = (i * length + t) * identity.dim;
        for (let d = 0; d < identity.dim; d++) sum[d]! += data[at + d]! * weight;
      }
      counts[window.text]! += pooled * weight;
    }
    hidden.dispose();
  }

  return {
    async encode(texts, { batchTokens }) {
      const packed = texts.map((text, i) => {
        const sentences = splitSentences(text).map(({ start, end }) => tokenise(text.slice(start, end)));
        return packSentences(i, sentences, identity.windowTokens - extra, identity.maxTokens);
      });
      const sums = new Float64Array(texts.length * identity.dim);
      const counts = new Float64Array(texts.length);
      const windows = packed.flatMap((p) => p.windows);
      for (const batch of batchByLength(windows, batchTokens, extra)) await run(batch, sums, counts);
      return {
        vectors: unitRows(sums, identity.dim),
        tokens: packed.map((p) => p.tokens),
        truncated: packed.map((p) => p.truncated),
        windows: packed.map((p) => p.windows.length),
      };
    },
  };
}

/** Scales each row to length 1; a row of zeros stays so. */
function unitRows(rows: Float64Array, dim: number): Float32Array {
  const out = new Float32Array(rows.length);
  for (let start = 0; start < rows.length; start += dim) {
    let square = 0;
    for (let d = start; d < start + dim; d++) square += rows[d]! ** 2;
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let d = start; d < start + dim; d++) out[d] = rows[d]! * scale;
  }
  return out;
}
