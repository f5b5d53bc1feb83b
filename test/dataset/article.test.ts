import { describe, expect, it } from 'vitest';
import { articleSchema, articleText, labelsOf } from '../../src/dataset/article.ts';
import { loadTaxonomy } from '../../src/dataset/taxonomy.ts';

const schema = articleSchema(await loadTaxonomy('data/taxonomy.json'));
const article = { id: 'a', text: 'نص الخبر', labels: { topics: ['security'], sentiment: 'neutral' } };
const fault = (value: unknown) => schema.safeParse(value).error?.issues[0];

describe('articleSchema', () => {
  it('accepts a full record, and one that lacks a head or all labels', () => {
    const full = {
      ...article,
      title: 'عنوان',
      split: 'test',
      source: 's',
      language: 'ar',
      dialect: 'iq',
      genre: 'brief',
      region: 'IQ',
    };
    expect(schema.parse(full)).toEqual(full);
    expect(fault({ ...article, labels: { sentiment: 'positive' } })).toBeUndefined();
    expect(fault({ id: 'a', text: 'نص' })).toBeUndefined();
  });

  it.each([
    ['no text', { id: 'a' }, 'text'],
    ['an empty text', { ...article, text: '' }, 'text'],
    ['a text of marks only', { ...article, text: 'ـ \u064b 🙂' }, 'text'],
    ['a lone surrogate', { ...article, text: 'نص \ud800' }, 'text'],
    ['an unknown label', { ...article, labels: { topics: ['securty'] } }, 'labels.topics.0'],
    ['an unknown head', { ...article, labels: { topic: ['security'] } }, 'labels'],
    ['a label twice', { ...article, labels: { topics: ['security', 'security'] } }, 'labels.topics'],
    ['an empty list of labels', { ...article, labels: { topics: [] } }, 'labels.topics'],
    ['a list for a one-of head', { ...article, labels: { sentiment: ['neutral'] } }, 'labels.sentiment'],
    ['an unknown split', { ...article, split: 'dev' }, 'split'],
  ])('refuses %s at its path', (_, value, path) => {
    expect(fault(value)?.path.join('.')).toBe(path);
  });

  it('names an unknown label and those that exist', () => {
    expect(fault({ ...article, labels: { sentiment: 'happy' } })?.message).toMatch(
      /"happy".*positive, neutral, negative/,
    );
  });
});

describe('articleText', () => {
  it('puts the title in a line before the text', () => {
    expect(articleText({ title: 'عنوان', text: 'نص' })).toBe('عنوان\nنص');
    expect(articleText({ text: 'نص' })).toBe('نص');
  });
});

describe('labelsOf', () => {
  it('gives a list for either kind of head, and undefined where nothing is known', () => {
    expect(labelsOf(article, 'topics')).toEqual(['security']);
    expect(labelsOf(article, 'sentiment')).toEqual(['neutral']);
    expect(labelsOf({}, 'topics')).toBeUndefined();
  });
});
