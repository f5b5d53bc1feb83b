import { readFile } from 'node:fs/promises';
import { AutoModel, AutoTokenizer, env } from '@xenova/transformers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { articleText } from '../../src/dataset/article.ts';
import { readArticles } from '../../src/dataset/jsonl.ts';
import { loadTaxonomy } from '../../src/dataset/taxonomy.ts';
import type { Encoder } from '../../src/encoder/encoder.ts';
import { openConfiguredEncoder } from '../../src/encoder/settings.ts';

const DIM = 384;
let encoder: Encoder;
let texts: string[];

beforeAll(async () => {
  encoder = await openConfiguredEncoder(loadConfig({ workers: '2' }, {}));
  const articles = await readArticles('data/articles.jsonl', await loadTaxonomy('data/taxonomy.json'));
  texts = articles.slice(0, 40).map(articleText);
});
afterAll(() => encoder.close());

const row = (vectors: Float32Array, i: number) => vectors.subarray(i * DIM, (i + 1) * DIM);
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, d) => sum + x * b[d]!, 0);

describe('the embedded encoder', () => {
  it('gives unit vectors of the length it says', async () => {
    const { vectors } = await encoder.encode(texts.slice(0, 3));

    expect(encoder.identity.dim).toBe(DIM);
    expect(vectors.length).toBe(3 * DIM);
    for (let i = 0; i < 3; i++) expect(Math.hypot(...row(vectors, i))).toBeCloseTo(1, 5);
  });

  it('gives a text the same vector alone and in a batch, to 1e-3 a component', async () => {
    const together = await encoder.encode(texts);

    for (const [i, text] of texts.entries()) {
      const alone = await encoder.encode([text]);
      const largest = Math.max(...alone.vectors.map((x, d) => Math.abs(x - together.vectors[i * DIM + d]!)));
      expect(largest).toBeLessThan(1e-3);
    }
  });

  it('agrees with a plain run of tokenizer and model and the mean over their tokens', async () => {
    env.allowRemoteModels = false;
    env.localModelPath = 'models/';
    const tokenizer = await AutoTokenizer.from_pretrained('encoder');
    const model = await AutoModel.from_pretrained('encoder', { dtype: 'q8' });
    const text = 'وصل الفريق إلى بغداد مساء أمس استعدادا للمباراة';
    const output = await model(tokenizer(text));
    const [, length, dim] = output.last_hidden_state.dims as [number, number, number];
    const hidden = output.last_hidden_state.data as Float32Array;
    const mean = new Float32Array(dim);
    for (let t = 0; t < length; t++) for (let d = 0; d < dim; d++) mean[d]! += hidden[t * dim + d]! / length;
    const norm = Math.hypot(...mean);

    const { vectors, tokens } = await encoder.encode([text]);

    expect(tokens[0]).toBe(length - 2);
    expect(dot(vectors, mean) / norm).toBeCloseTo(1, 5);
  });

  it('reads a long text to its end, window by window', async () => {
    const long = `${texts[0]} `.repeat(30);

    const { tokens, windows, truncated } = await encoder.encode([long]);

    expect(tokens[0]).toBeGreaterThan(2_000);
    expect(windows[0]).toBeGreaterThan(5);
    expect(truncated[0]).toBe(tokens[0]! > encoder.identity.maxTokens);
  });

  it('says when a text was cut', async () => {
    const { truncated } = await encoder.encode([`${texts[0]} `.repeat(200), 'قصير']);

    expect(truncated).toEqual([true, false]);
  });

  it('takes texts like these without fail', async () => {
    const odd = [
      '',
      ' ',
      '😀😀',
      '\u200f\u200e',
      'ــــ',
      'ًٌٍ',
      '<p>نص</p>',
      'plain English',
      'a'.repeat(5_000),
    ];

    const { vectors, tokens } = await encoder.encode(odd);

    expect(vectors.every(Number.isFinite)).toBe(true);
    expect(tokens[0]).toBe(0);
  });

  it('stops between chunks when its signal says so', async () => {
    const stop = AbortSignal.abort(new Error('enough'));

    await expect(encoder.encode(texts, { signal: stop })).rejects.toThrow('enough');
  });

  it('finds the reference article nearer to security news than to sports', async () => {
    const seed = await readFile('data/articles.jsonl', 'utf8').then(
      (file) => JSON.parse(file.split('\n')[0]!).text,
    );
    const { vectors } = await encoder.encode([
      seed,
      'اعتقلت الشرطة خلية كانت تخطط لهجوم',
      'فاز الفريق بالمباراة بهدفين',
    ]);

    expect(dot(row(vectors, 0), row(vectors, 1))).toBeGreaterThan(dot(row(vectors, 0), row(vectors, 2)));
  });
});
