/** Corpora for tests of the audit: texts of made-up words, so that two share words only where a test wants it. */

import { type Corpus, createCorpus } from '../../src/audit/corpus.ts';
import type { Article } from '../../src/dataset/article.ts';
import type { Taxonomy } from '../../src/dataset/taxonomy.ts';
import { type Random, seededRandom } from '../../src/random.ts';

const named = (id: string) => ({ id, name: { ar: id, en: id }, definition: { ar: id, en: id } });

export const taxonomy: Taxonomy = {
  heads: [
    { ...named('topics'), kind: 'multi-label' as const, labels: ['sea', 'sky', 'land'].map(named) },
    { ...named('mood'), kind: 'one-of' as const, labels: ['calm', 'storm'].map(named) },
  ].map(({ id, name, kind, labels }) => ({ id, name, kind, labels })),
};

const SYLLABLES = [
  'با',
  'تو',
  'ري',
  'سا',
  'نو',
  'مي',
  'قا',
  'لو',
  'دي',
  'شا',
  'حو',
  'في',
  'كا',
  'زو',
  'عي',
  'طا',
];
const word = (random: Random) =>
  Array.from({ length: 3 }, () => SYLLABLES[random.below(SYLLABLES.length)]!).join('');

/** Words drawn at random. */
export const words = (random: Random, count: number): string[] =>
  Array.from({ length: count }, () => word(random));

/** Articles of 60 words each, with labels in turn, all in `train`. */
export function articles(count: number, seed = 1): Article[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, i) => ({
    id: `a${i}`,
    text: words(random, 60).join(' '),
    labels: { topics: [['sea', 'sky', 'land'][i % 3]!], mood: i % 2 === 0 ? 'calm' : 'storm' },
    split: 'train' as const,
    language: 'ar',
  }));
}

export const corpusOf = (own: Article[]): Corpus => createCorpus(own);
