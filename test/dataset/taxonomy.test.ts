import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadTaxonomy } from '../../src/dataset/taxonomy.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rasid-taxonomy-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const text = { ar: 'اسم', en: 'name' };
const label = (id: string) => ({ id, name: text, definition: text });
const head = (id: string, labels = ['a', 'b']) => ({
  id,
  kind: 'one-of',
  name: text,
  labels: labels.map(label),
});

async function load(value: unknown) {
  const path = join(folder, 'taxonomy.json');
  await writeFile(path, typeof value === 'string' ? value : JSON.stringify(value));
  return loadTaxonomy(path);
}

describe('loadTaxonomy', () => {
  it('reads the taxonomy that comes with the project', async () => {
    const { heads } = await loadTaxonomy('data/taxonomy.json');
    expect(heads.map(({ id, kind, labels }) => [id, kind, labels.length])).toEqual([
      ['topics', 'multi-label', 17],
      ['sentiment', 'one-of', 3],
    ]);
  });

  it('reads any other heads and labels', async () => {
    expect(await load({ heads: [head('tone')] })).toEqual({ heads: [head('tone')] });
  });

  it.each([
    ['no JSON', '{', 'not valid JSON'],
    ['no head', { heads: [] }, 'heads'],
    ['a head twice', { heads: [head('x'), head('x')] }, 'same id'],
    ['a label twice', { heads: [head('x', ['a', 'a'])] }, 'same id'],
    ['one label only', { heads: [head('x', ['a'])] }, 'heads.0.labels'],
    ['an unknown kind', { heads: [{ ...head('x'), kind: 'many' }] }, 'heads.0.kind'],
    ['a field too many', { heads: [{ ...head('x'), colour: 'red' }] }, 'colour'],
  ])('refuses %s, naming it', async (_, value, named) => {
    await expect(load(value)).rejects.toMatchObject({
      code: 'taxonomy-invalid',
      message: expect.stringContaining(named),
    });
  });

  it('says that the file does not exist', async () => {
    await expect(loadTaxonomy(join(folder, 'none.json'))).rejects.toMatchObject({ code: 'file-unreadable' });
  });
});
