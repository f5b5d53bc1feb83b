import { describe, expect, it } from 'vitest';
import { encodeTargets } from '../../src/classifier/targets.ts';
import { notesOnLabels } from '../../src/evaluation/notes.ts';
import { toyTaxonomy } from '../classifier/toy.ts';

const notesOf = (topics: string[][]) =>
  notesOnLabels(
    encodeTargets(
      topics.map((ids) => ({ labels: { topics: ids } })),
      toyTaxonomy,
    )[0]!,
  );
const many = (n: number, ...sets: string[][]) => Array.from({ length: n }, (_, i) => sets[i % sets.length]!);

describe('notesOnLabels', () => {
  it('says nothing of data that want nothing', () => {
    expect(notesOf(many(60, ['sea'], ['sky'], ['land']))).toEqual([]);
  });

  it.each([
    ['labels without support', many(60, ['sea'], ['sky']), 'topics: no article carries land;'],
    ['a single class', many(60, ['sea']), 'topics: all articles carry the one label sea;'],
    ['few articles', many(6, ['sea'], ['sky'], ['land']), 'topics: only 6 articles;'],
    ['an unknown head', [], 'topics: no article names a label'],
  ])('names %s in one sentence', (_, topics, expected) => {
    expect(notesOf(topics)).toEqual([expect.stringContaining(expected)]);
  });
});
