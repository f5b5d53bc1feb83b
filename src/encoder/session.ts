/** One transformer in memory: texts in, pooled vectors out, on the calling thread. Runs inside a worker. */

import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AutoModel, AutoTokenizer, env, Tensor } from '@xenova/transformers';
import { RasidError } from '../errors.ts';
import { splitSentences } from '../text/sentences.ts';
import type { LocatedEncoder } from './locate.ts';
import { packSentences } from './windows.ts';

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
  encode(texts: readonly string[]): Promise<Encoded>;
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
  const room = identity.windowTokens - before.length - after.length;
  const run = model as unknown as (inputs: object) => Promise<{ last_hidden_state?: Tensor }>;

  /**
   * Adds the window's token vectors to `sum`. One window at a time: on a CPU this is
   * faster than padded batches, and int8 activations are scaled per call, so company would change a text's vector.
   */
  async function addWindow(ids: number[], sum: Float64Array): Promise<void> {
    const all = [...before, ...ids, ...after];
    const shape = [1, all.length];
    const inputs = {
      input_ids: new Tensor('int64', BigInt64Array.from(all, BigInt), shape),
      attention_mask: new Tensor('int64', new BigInt64Array(all.length).fill(1n), shape),
    };
    const { last_hidden_state: hidden } = await run(inputs);
    const expected = [...shape, identity.dim];
    if (hidden === undefined || expected.some((n, axis) => hidden.dims[axis] !== n)) {
      throw new RasidError(
        'encoder-corrupt',
        `${folder}: the model returned [${hidden?.dims}], expected [${expected}]`,
      );
    }
    const data = hidden.data as Float32Array;
    // With CLS pooling a window's one vector stands for all its tokens.
    const pooled = identity.pooling === 'cls' ? 1 : all.length;
    const weight = all.length / pooled;
    // Column by column: the sum stays in a register.
    for (let column = 0; column < identity.dim; column++) {
      let total = 0;
      for (let i = column; i < pooled * identity.dim; i += identity.dim) total += data[i]!;
      sum[column]! += total * weight;
    }
    hidden.dispose();
  }

  return {
    async encode(texts) {
      const encoded: Encoded = {
        vectors: new Float32Array(texts.length * identity.dim),
        tokens: [],
        truncated: [],
        windows: [],
      };
      for (const [i, text] of texts.entries()) {
        const sentences = splitSentences(text).map(({ start, end }) => tokenise(text.slice(start, end)));
        const { windows, tokens, truncated } = packSentences(sentences, room, identity.maxTokens);
        const sum = new Float64Array(identity.dim);
        for (const ids of windows) await addWindow(ids, sum);
        const norm = Math.hypot(...sum);
        if (norm > 0)
          encoded.vectors.set(
            sum.map((x) => x / norm),
            i * identity.dim,
          );
        encoded.tokens.push(tokens);
        encoded.truncated.push(truncated);
        encoded.windows.push(windows.length);
      }
      return encoded;
    },
  };
}
