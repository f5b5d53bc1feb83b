/** A small world for classifier tests: three topics and two moods, each a direction in an 8-dimensional space. */

import type { Article } from '../../src/dataset/article.ts';
import type { Taxonomy } from '../../src/dataset/taxonomy.ts';
import { seededRandom } from '../../src/random.ts';

const text = (id: string) => ({ id, name: { ar: id, en: id }, definition: { ar: id, en: id } });

export const toyTaxonomy: Taxonomy = {
  heads: [
    { ...text('topics'), kind: 'multi-label', labels: ['sea', 'sky', 'land'].map(text) },
    { ...text('mood'), kind: 'one-of', labels: ['calm', 'storm'].map(text) },
  ].map(({ id, name, kind, labels }) => ({ id, name, kind: kind as 'multi-label' | 'one-of', labels })),
};

export const TOY_DIM = 8;

export interface ToyWorld {
  articles: Article[];
  vectors: Float32Array;
}

/**
 * Articles whose vector is the sum of their labels' directions plus noise, scaled to length 1. Their texts name the
 * labels among words drawn at random.
 */
export function toyWorld(
  size: number,
  seed: number,
  change: (article: Article, i: number) => void = () => {},
): ToyWorld {
  const random = seededRandom(seed);
  const articles: Article[] = [];
  const vectors = new Float32Array(size * TOY_DIM);
  for (let i = 0; i < size; i++) {
    const topics = ['sea', 'sky', 'land'].filter((_, k) => k === i % 3 || random.next() < 0.25);
    const mood = random.next() < 0.5 ? 'calm' : 'storm';
    const raw = Array.from({ length: TOY_DIM }, () => 0.3 * (random.next() - 0.5));
    for (const topic of topics) raw[['sea', 'sky', 'land'].indexOf(topic)]! += 1;
    raw[mood === 'calm' ? 3 : 4]! += 1;
    const norm = Math.hypot(...raw);
    vectors.set(
      raw.map((x) => x / norm),
      i * TOY_DIM,
    );
    const split = i % 5 === 3 ? 'validation' : i % 5 === 4 ? 'test' : 'train';
    const noise = Array.from({ length: 8 }, () => `w${random.below(500)}`);
    const text = [...noise, ...topics, mood].join(' ');
    const article: Article = { id: `toy-${i}`, text, labels: { topics, mood }, split };
    change(article, i);
    articles.push(article);
  }
  return { articles, vectors };
}
