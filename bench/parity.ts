/**
 * Compares tokens and vectors of the Python side (fp32) with Transformers.js (int8): reads the report that
 * `python -m rasid_pretraining check` wrote, one object a line with `text`, `ids` and `vector`. Python cuts texts at one window.
 */

import { AutoModel, AutoTokenizer, env } from '@xenova/transformers';
import { runCommand } from '../scripts/lib/cli.ts';
import { RasidError } from '../src/errors.ts';
import { readLines } from './lib/labelled.ts';

/** Tokens of a window in the report, special ones included (`WINDOW` in pretraining/rasid_pretraining/export.py). */
const WINDOW = 256;

interface Row {
  text: string;
  ids: number[];
  vector: number[];
}

await runCommand({
  name: 'bench:parity',
  summary: 'Compares tokens and vectors of Python (fp32) with Transformers.js (int8).',
  positionals: '<check.jsonl>',
  async run({ positionals, print }) {
    if (positionals[0] === undefined) throw new RasidError('usage', 'name the report of the check stage');
    env.allowRemoteModels = false;
    env.localModelPath = 'models/';
    const tokenizer = await AutoTokenizer.from_pretrained('encoder');
    const model = await AutoModel.from_pretrained('encoder', { dtype: 'q8' });
    let texts = 0;
    let alike = 0;
    let cosines = 0;
    for await (const line of readLines(positionals[0])) {
      const { text, ids, vector } = line as unknown as Row;
      const whole = tokenizer(text);
      const own = Array.from(whole.input_ids.data as BigInt64Array, Number);
      const cut = ids.length === WINDOW && own.length > WINDOW;
      const comparable = cut ? [...own.slice(0, WINDOW - 1), own.at(-1)] : own;
      texts += 1;
      if (comparable.length === ids.length && comparable.every((id, i) => id === ids[i])) alike += 1;
      const encoded = cut ? tokenizer(text, { truncation: true, max_length: WINDOW }) : whole;
      const { last_hidden_state: hidden } = await model(encoded);
      const [, length, dim] = hidden.dims as [number, number, number];
      const mean = new Float64Array(dim);
      for (let t = 0; t < length; t++) for (let d = 0; d < dim; d++) mean[d]! += hidden.data[t * dim + d];
      const dot = mean.reduce((sum, x, d) => sum + x * vector[d]!, 0);
      cosines += dot / (Math.hypot(...mean) * Math.hypot(...vector));
    }
    if (texts === 0) throw new RasidError('data-empty', `${positionals[0]} holds no texts`);
    print(
      `${alike} of ${texts} texts tokenised alike; mean cosine of vectors ${(cosines / texts).toFixed(5)}`,
    );
  },
});
