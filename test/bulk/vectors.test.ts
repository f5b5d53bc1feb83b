import { describe, expect, it } from 'vitest';
import { answerWithVectors } from '../../src/bulk/answer.ts';
import { vectorColumns } from '../../src/bulk/output/columns.ts';
import { readVectors } from '../../src/bulk/vectors.ts';
import { articleText } from '../../src/dataset/article.ts';
import { identityKey } from '../../src/encoder/identity.ts';
import { fakeEncoder, fakeIdentity } from '../encoder/fake.ts';
import { file, fresh, lines, run } from './stand-in.ts';

const articles = Array.from({ length: 40 }, (_, i) => ({
  id: `a${i}`,
  text: `خبر ${i % 30}`,
  ...(i % 2 === 0 ? { title: `عنوان ${i}` } : {}),
}));
const COLUMNS = { text: 'text', title: 'title' };
const encoder = fakeEncoder();
const key = identityKey(encoder.identity);

async function embed(records: readonly object[], name: string): Promise<string> {
  const output = fresh(name);
  await run(await file('in.jsonl', lines(records)), output, {
    answer: answerWithVectors(encoder, COLUMNS),
    added: vectorColumns(key, COLUMNS),
    model: key,
  });
  return output;
}

describe('readVectors', () => {
  it.each(['out.jsonl', 'out.jsonl.gz', 'out.parquet'])(
    'gives each article its own vector, to the bit: %s',
    async (name) => {
      const { vectors } = await encoder.encode(articles.map(articleText));
      // In another order, with texts of nobody, and without the ids.
      const records = [{ text: 'آخر' }, ...articles.map(({ id: _, ...rest }) => rest).reverse()];

      const path = await embed(records, name);

      expect(await readVectors(path, articles, encoder.identity)).toEqual(vectors);
    },
  );

  it('refuses vectors of another encoder', async () => {
    const path = await embed(articles, 'out.parquet');
    const other = fakeIdentity({ weights: '1'.repeat(64) });

    await expect(readVectors(path, articles, other)).rejects.toMatchObject({
      code: 'encoder-mismatch',
      message: expect.stringContaining(`${path}:1`),
    });
  });

  it('names the first article whose text has no vector', async () => {
    const path = await embed(articles.slice(0, 35), 'out.jsonl');
    const changed = articles.map((article, i) => (i === 3 ? { ...article, text: 'نص آخر' } : article));

    await expect(readVectors(path, changed, encoder.identity)).rejects.toMatchObject({
      code: 'data-invalid',
      message: expect.stringMatching(/lacks the vectors of \d+ texts, first of article a3/),
    });
  });

  it.each([
    ['no such file', { text: 'x' }, 'has no vector'],
    ['a vector of another length', { vector: [1], encoder: key, text_sha256: 'x' }, '1 components, not 8'],
    ['a vector of words', { vector: ['a'], encoder: key, text_sha256: 'x' }, 'no list of numbers'],
  ])('says of %s what is wrong, and in which line', async (_, row, expected) => {
    const path = await file('vectors.jsonl', lines([row]));

    await expect(readVectors(path, articles, encoder.identity)).rejects.toMatchObject({
      code: 'data-invalid',
      message: expect.stringContaining(expected),
    });
    await expect(readVectors(path, articles, encoder.identity)).rejects.toThrow(`${path}:1`);
  });
});
