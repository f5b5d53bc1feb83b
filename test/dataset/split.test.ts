import { describe, expect, it } from 'vitest';
import { type Article, articleText, SPLITS } from '../../src/dataset/article.ts';
import { readArticles } from '../../src/dataset/jsonl.ts';
import { findNearDuplicates } from '../../src/dataset/near-duplicates.ts';
import { assignSplits, DEFAULT_SHARES } from '../../src/dataset/split.ts';
import { loadTaxonomy } from '../../src/dataset/taxonomy.ts';
import { seededRandom } from '../../src/random.ts';
import { toyTaxonomy } from '../classifier/toy.ts';

function corpus(size: number): Article[] {
  const random = seededRandom(4);
  return Array.from({ length: size }, (_, i) => ({
    id: `a${i}`,
    text: Array.from({ length: 30 }, () => `w${random.below(10_000)}`).join(' '),
    labels: {
      topics: i % 50 === 0 ? ['land', 'sea'] : [i % 3 ? 'sea' : 'sky'],
      mood: i % 2 ? 'calm' : 'storm',
    },
  }));
}

describe('assignSplits', () => {
  it('gives each label its share in every split', () => {
    const articles = corpus(600);

    const splits = assignSplits(articles, toyTaxonomy, { seed: 1 });

    for (const split of SPLITS) {
      const own = articles.filter((_, i) => splits[i] === split);
      expect(Math.abs(own.length / 600 - DEFAULT_SHARES[split])).toBeLessThan(0.02);
      for (const topic of ['land', 'sea', 'sky']) {
        const has = (a: Article) => (a.labels!.topics as string[]).includes(topic);
        const wanted = articles.filter(has).length * DEFAULT_SHARES[split];
        expect(Math.abs(own.filter(has).length - wanted)).toBeLessThan(
          0.05 * articles.filter(has).length + 1,
        );
      }
    }
  });

  it('keeps near-duplicates together', () => {
    const articles = corpus(200);
    for (let i = 0; i < 200; i += 4) articles[i + 1]!.text = `${articles[i]!.text} خاتمة`;

    const splits = assignSplits(articles, toyTaxonomy, { seed: 1 });

    for (let i = 0; i < 200; i += 4) expect(splits[i + 1]).toBe(splits[i]);
  });

  it('gives the same splits for the same seed', () => {
    expect(assignSplits(corpus(100), toyTaxonomy, { seed: 3 })).toEqual(
      assignSplits(corpus(100), toyTaxonomy, { seed: 3 }),
    );
  });

  it('keeps what is assigned when the corpus grows', () => {
    const before = corpus(100);
    const splits = assignSplits(before, toyTaxonomy, { seed: 1 });
    const grown = corpus(160).map((article, i) => (i < 100 ? { ...article, split: splits[i]! } : article));

    const after = assignSplits(grown, toyTaxonomy, { seed: 2 });

    expect(after.slice(0, 100)).toEqual(splits);
    expect(SPLITS.every((split) => after.slice(100).includes(split))).toBe(true);
  });
});

describe('data/articles.jsonl', () => {
  it('has a split for every article, and no near-duplicate crosses two', async () => {
    const articles = await readArticles('data/articles.jsonl', await loadTaxonomy('data/taxonomy.json'));
    const pairs = findNearDuplicates(articles.map(articleText), 0.5);

    expect(articles.every(({ split }) => split !== undefined)).toBe(true);
    expect(pairs.filter(({ first, second }) => articles[first]!.split !== articles[second]!.split)).toEqual(
      [],
    );
  });
});
