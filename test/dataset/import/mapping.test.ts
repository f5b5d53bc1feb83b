import { describe, expect, it } from 'vitest';
import { loadMapping, mappedColumns, parseMapping } from '../../../src/dataset/import/mapping.ts';
import { toyTaxonomy } from '../../classifier/toy.ts';

const parse = (value: unknown) => parseMapping(value, toyTaxonomy, 'map.json');
const head = (values: object) => ({ columns: { text: 't' }, labels: { topics: { column: 'c', values } } });

describe('parseMapping', () => {
  it.each([
    ['no text column', { columns: {} }, 'map.json: columns.text'],
    ['an unknown field', { columns: { text: 't', colour: 'c' } }, 'map.json: columns: '],
    ['an unknown head', { columns: { text: 't' }, labels: { topic: { column: 'c' } } }, 'no head "topic"'],
    ['an unknown label', head({ X: 'lnd' }), 'labels.topics.values.X: no such label "lnd"'],
    ['an unknown label in a list', head({ X: ['land', 'fire'] }), '"fire"'],
    ['an unknown encoding', { columns: { text: 't' }, encoding: 'cp720' }, 'map.json: encoding'],
  ])('refuses %s', (_, value, message) => {
    expect(() => parse(value)).toThrow(
      expect.objectContaining({ code: 'import-invalid', message: expect.stringContaining(message) }),
    );
  });

  it('offers the label that was meant', () => {
    expect(() => parse(head({ X: 'lnd' }))).toThrow(expect.objectContaining({ hint: 'Did you mean land?' }));
  });
});

describe('mappedColumns', () => {
  it('names each column once', () => {
    const mapping = parse({
      columns: { id: 'n', text: 't' },
      labels: { topics: { column: 'c' }, mood: { column: 'c' } },
    });

    expect(mappedColumns(mapping)).toEqual(['n', 't', 'c']);
  });
});

describe('loadMapping', () => {
  it('names the file that is missing or no JSON', async () => {
    await expect(loadMapping('none.json', toyTaxonomy)).rejects.toMatchObject({ code: 'file-unreadable' });
    await expect(loadMapping('README.md', toyTaxonomy)).rejects.toMatchObject({
      code: 'import-invalid',
      message: expect.stringContaining('README.md: not valid JSON'),
    });
  });
});
