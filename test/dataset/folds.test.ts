import { describe, expect, it } from 'vitest';
import { assignFolds } from '../../src/dataset/folds.ts';
import { toyTaxonomy, toyWorld } from '../classifier/toy.ts';

describe('assignFolds', () => {
  it('gives every fold its share of every label', () => {
    const { articles } = toyWorld(300, 1);

    const folds = assignFolds(articles, toyTaxonomy, 5, 1);

    for (let fold = 0; fold < 5; fold++) {
      const own = articles.filter((_, i) => folds[i] === fold);
      expect(own.length).toBeGreaterThan(50);
      expect(own.length).toBeLessThan(70);
      for (const mood of ['calm', 'storm']) {
        const count = (of: typeof articles) => of.filter(({ labels }) => labels!.mood === mood).length;
        expect(Math.abs(count(own) - count(articles) / 5)).toBeLessThan(4);
      }
    }
  });

  it('keeps near-duplicates together', () => {
    const { articles } = toyWorld(100, 1);
    const copies = articles.map((article) => ({ ...article, id: `${article.id}-copy` }));

    const folds = assignFolds([...articles, ...copies], toyTaxonomy, 5, 1);

    expect(folds.slice(100)).toEqual(folds.slice(0, 100));
  });

  it('repeats itself for a seed', () => {
    const { articles } = toyWorld(100, 1);

    expect(assignFolds(articles, toyTaxonomy, 5, 2)).toEqual(assignFolds(articles, toyTaxonomy, 5, 2));
  });
});
