import { describe, expect, it } from 'vitest';
import { noNgrams } from '../../src/classifier/tfidf.ts';
import type { Article } from '../../src/dataset/article.ts';
import type { Taxonomy } from '../../src/dataset/taxonomy.ts';
import { compareDecisions, type Decided, decideAll } from '../../src/evaluation/compare.ts';
import { formatComparison } from '../../src/evaluation/compare-table.ts';
import { toyTaxonomy } from '../classifier/toy.ts';

const articles: Article[] = [
  { id: 'a', text: 'نص أول', labels: { topics: ['sea', 'sky'], mood: 'calm' } },
  { id: 'b', text: 'نص ثان', labels: { topics: ['sky'], mood: 'storm' } },
  { id: 'c', text: 'نص ثالث', labels: { topics: ['land'] } },
];
/** Labels of each head, one row per article. */
function decided(
  model: string,
  topics: string[][],
  moods: string[],
  taxonomy: Taxonomy = toyTaxonomy,
): Decided {
  const rows = [topics, moods.map((mood) => [mood])];
  const decisions = taxonomy.heads.map(({ id, labels }) => {
    const own = rows[toyTaxonomy.heads.findIndex((head) => head.id === id)]!;
    return Uint8Array.from(own.flatMap((set) => labels.map((label) => (set.includes(label.id) ? 1 : 0))));
  });
  return { model, taxonomy, decisions };
}
const before = decided('before', [['sea'], ['sky'], ['land']], ['calm', 'calm', 'calm']);
const after = decided('after', [['sea', 'sky'], ['land'], ['land']], ['calm', 'storm', 'storm']);

describe('compareDecisions', () => {
  it('lists the texts that changed, losses first, with what became right and wrong', () => {
    const { heads } = compareDecisions(before, after, articles, { seed: 1 });

    expect(heads[0]!.changes).toEqual([
      expect.objectContaining({
        id: 'b',
        before: ['sky'],
        after: ['land'],
        rightBefore: true,
        rightAfter: false,
        gain: -1,
      }),
      // Of {sea, sky} only sea was found before: F1 2 · 1 / (1 + 2).
      expect.objectContaining({
        id: 'a',
        before: ['sea'],
        after: ['sea', 'sky'],
        rightAfter: true,
        gain: 1 - 2 / 3,
      }),
    ]);
    // Article c does not know the mood, so its change counts for nothing.
    expect(heads[1]!.changes.map(({ id }) => id)).toEqual(['b']);
    expect(heads[1]!.differences.accuracy.value).toBe(1 - 1 / 2);
  });

  it('finds no difference between a classifier and itself', () => {
    for (const { changes, differences } of compareDecisions(after, after, articles, { seed: 1 }).heads) {
      expect(changes).toEqual([]);
      expect(differences.macroF1).toEqual({ value: 0, low: 0, high: 0, pValue: 1 });
    }
  });

  it('reads the other’s labels in its own order', () => {
    const [topics, mood] = toyTaxonomy.heads;
    const turned = { heads: [mood!, { ...topics!, labels: topics!.labels.toReversed() }] };
    const same = decided('same', [['sea', 'sky'], ['land'], ['land']], ['calm', 'storm', 'storm'], turned);

    for (const { changes } of compareDecisions(same, after, articles, { seed: 1 }).heads)
      expect(changes).toEqual([]);
  });

  it.each<[string, (taxonomy: Taxonomy) => Taxonomy, string]>([
    [
      'a head it lacks',
      ({ heads }) => ({ heads: heads.slice(0, 1) }),
      'mood: the other classifier does not have',
    ],
    [
      'other labels',
      ({ heads }) => ({ heads: [heads[0]!, { ...heads[1]!, labels: heads[1]!.labels.slice(1) }] }),
      'mood: the two classifiers do not have the same labels (calm)',
    ],
    [
      'another kind',
      ({ heads }) => ({ heads: [heads[0]!, { ...heads[1]!, kind: 'multi-label' }] }),
      'mood: is multi-label',
    ],
  ])('leaves out %s, and says so', (_, change, expected) => {
    const other = decided(
      'other',
      [['sea'], ['sky'], ['land']],
      ['calm', 'calm', 'calm'],
      change(toyTaxonomy),
    );
    const comparison = compareDecisions(other, after, articles, { seed: 1 });

    expect(comparison.heads.map(({ head }) => head)).toEqual(['topics']);
    expect(comparison.notes).toEqual([expect.stringContaining(expected)]);
    expect(formatComparison(comparison)).toContain(expected);
  });
});

describe('decideAll', () => {
  it('uses the thresholds of the classifier’s own manifest', () => {
    const classifier = {
      id: 'x',
      taxonomy: toyTaxonomy,
      probabilities: () => [Float32Array.of(0.4, 0.4, 0.4), Float32Array.of(0.4, 0.6)],
    };
    const features = { vectors: new Float32Array(1), ngrams: noNgrams(1) };
    const heads = [{ thresholds: [0.3, 0.4, 0.5] }, { thresholds: [] }];

    expect(decideAll(classifier, heads, features).decisions).toEqual([
      Uint8Array.of(1, 1, 0),
      Uint8Array.of(0, 1),
    ]);
  });
});

describe('formatComparison', () => {
  it('shows each change with its verdict', () => {
    const table = formatComparison(compareDecisions(before, after, articles, { seed: 1 }));

    expect(table).toContain('b: sky (right) → land (wrong); true: sky: نص ثان');
    expect(table).toContain('2 texts changed: 1 became right, 1 became wrong');
  });
});
