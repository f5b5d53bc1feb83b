import { describe, expect, it } from 'vitest';
import { auditCorpus } from '../../src/audit/audit.ts';
import type { Rule } from '../../src/audit/report.ts';
import type { Article } from '../../src/dataset/article.ts';
import { seededRandom } from '../../src/random.ts';
import { articles, corpusOf, taxonomy, words } from './corpus-of.ts';

const audit = (own: Article[], labelErrors = false) =>
  auditCorpus({ file: 'x.jsonl', corpus: corpusOf(own), taxonomy, seed: 1, labelErrors });
const idsOf = (own: Article[], rule: Rule) => audit(own).findings[rule]!.map(({ ids }) => ids);
/** Some sound articles, changed. */
function corpus(change: (own: Article[]) => void, count = 30): Article[] {
  const own = articles(count);
  change(own);
  return own;
}

describe('auditCorpus', () => {
  it('finds nothing wrong with a sound corpus', () => {
    const { findings } = audit(articles(60));

    for (const [rule, found] of Object.entries(findings)) expect([rule, found]).toEqual([rule, []]);
  });

  it('finds the same text, also where marks and letter forms differ', () => {
    const own = corpus((all) => {
      all[4]!.text = `إن الأمرَ ${all[4]!.text}`;
      all[9]!.text = all[4]!.text.replace('إن الأمرَ', 'ان الامر،');
    });

    expect(idsOf(own, 'duplicates')).toEqual([['a4', 'a9']]);
    expect(idsOf(own, 'near-duplicates')).toEqual([]);
  });

  it('finds a text with a few words changed', () => {
    const own = corpus((all) => {
      all[9]!.text = all[4]!.text.split(' ').with(30, 'مختلف').join(' ');
    });

    expect(idsOf(own, 'near-duplicates')).toEqual([['a4', 'a9']]);
    expect(idsOf(own, 'duplicates')).toEqual([]);
  });

  it('finds a run of eight words that two texts share, and not one of seven', () => {
    const random = seededRandom(7);
    const [eight, seven] = [words(random, 8).join(' '), words(random, 7).join(' ')];
    const own = corpus((all) => {
      for (const i of [2, 11])
        all[i]!.text = `${all[i]!.text.slice(0, 60)} ${eight} ${all[i]!.text.slice(60)}`;
      for (const i of [3, 12])
        all[i]!.text = `${all[i]!.text.slice(0, 60)} ${seven} ${all[i]!.text.slice(60)}`;
    });

    const [found, ...others] = audit(own).findings['shared-runs']!;

    expect(others).toEqual([]);
    expect(found!.ids).toEqual(['a2', 'a11']);
    expect(found!.details).toEqual({ words: 8 });
  });

  it('calls it a leak only where it crosses splits', () => {
    const copy = (split: 'train' | 'test') =>
      corpus((all) => {
        Object.assign(all[9]!, { text: all[4]!.text, split });
      });

    expect(idsOf(copy('train'), 'leakage')).toEqual([]);
    expect(idsOf(copy('test'), 'leakage')).toEqual([['a4', 'a9']]);
  });

  it('finds a title that stands in two splits', () => {
    const own = corpus((all) => {
      Object.assign(all[1]!, { title: 'عنوان واحد هنا' });
      Object.assign(all[2]!, { title: 'عنوانٌ واحدٌ هنا', split: 'test' });
    });

    expect(idsOf(own, 'leakage')).toEqual([['a1', 'a2']]);
  });

  it('finds an opening used more than five times', () => {
    const opening = (count: number) =>
      corpus((all) => {
        for (let i = 0; i < count; i++) all[i]!.text = `أعلنت وزارة الداخلية ${all[i]!.text}`;
      });

    expect(idsOf(opening(5), 'openings')).toEqual([]);
    expect(idsOf(opening(6), 'openings')).toEqual([['a0', 'a1', 'a2', 'a3', 'a4', 'a5']]);
  });

  it('finds a rare label and a label that a split lacks', () => {
    const own = corpus((all) => {
      for (const article of all) article.labels = { topics: ['sea'] };
      all[0]!.labels = { topics: ['sky'] };
      for (const i of [1, 2, 3]) all[i]!.labels = { topics: ['land'] };
      for (const i of [10, 11, 12]) all[i]!.split = 'test';
    });

    const messages = audit(own).findings.imbalance!.map(({ message }) => message);

    expect(messages).toEqual([
      expect.stringMatching(/^topics\/sky: 1 of 30 articles.* 26$/),
      'topics/land: no article in test',
    ]);
  });

  it('finds labels that always, or against expectation never, go together', () => {
    const own = corpus((all) => {
      // Sea is always calm; 20 · 20 / 60 times sea and sky would meet by chance, less than ten.
      for (const [i, article] of all.entries())
        article.labels = { topics: [['sea', 'sky', 'land'][i % 3]!], mood: i % 3 === 0 ? 'calm' : 'storm' };
    }, 60);

    const messages = audit(own).findings['co-occurrence']!.map(({ message }) => message);

    // 20 of sea and 40 of storm in 60: 13.3 expected together.
    expect(messages).toContain('topics/sea and mood/storm never occur together; by their counts 13 times');
    expect(messages).toContain('all 20 articles of topics/sea are also of mood/calm; by chance 7 would be');
    expect(messages.some((message) => message.includes('topics/sea and topics/sky'))).toBe(false);
  });

  it('finds texts far shorter or longer than the others', () => {
    const random = seededRandom(3);
    const own = corpus((all) => {
      for (const article of all) article.text = words(random, 50 + random.below(20)).join(' ');
      all[5]!.text = 'كلمتان هنا';
      all[6]!.text = words(random, 4_000).join(' ');
    });

    expect(idsOf(own, 'length').flat().sort()).toEqual(['a5', 'a6']);
  });

  it('finds a text in another language than it says', () => {
    const english =
      'The minister told reporters on Tuesday that the new bridge over the river would open before the end of the year.';
    const own = corpus((all) => {
      all[5]!.text = english;
      Object.assign(all[6]!, { text: english.replace('bridge', 'road'), language: 'en' });
    });

    expect(idsOf(own, 'language')).toEqual([['a5']]);
  });

  it('finds flipped labels first, and says which label would fit', () => {
    const random = seededRandom(5);
    const vocabulary = { sea: words(random, 15), sky: words(random, 15), land: words(random, 15) };
    const own = corpus((all) => {
      for (const article of all) {
        const topic = article.labels!.topics![0] as keyof typeof vocabulary;
        article.text = Array.from({ length: 40 }, () => vocabulary[topic][random.below(15)]!).join(' ');
        article.labels = { topics: [topic] };
      }
      all[0]!.labels = { topics: ['sky'] };
      all[1]!.labels = { topics: ['land'] };
    }, 120);

    const found = audit(own, true).findings['label-errors']!;

    expect(
      found
        .slice(0, 2)
        .map(({ ids }) => ids[0])
        .sort(),
    ).toEqual(['a0', 'a1']);
    expect(found.find(({ ids }) => ids[0] === 'a0')!.message).toMatch(/sky is given.*sea is not given/);
    expect(found.length).toBeLessThan(10);
  });

  it('says so where there are too few labelled articles to judge labels', () => {
    const { findings, notes } = audit(articles(20), true);

    expect(findings['label-errors']).toBeUndefined();
    expect(notes.join()).toContain('at least 50');
  });
});
