import { beforeAll, describe, expect, it } from 'vitest';
import type { Explanation } from '../../../src/classifier/explain.ts';
import { encodeTargets } from '../../../src/classifier/targets.ts';
import { noNgrams } from '../../../src/classifier/tfidf.ts';
import type { Article } from '../../../src/dataset/article.ts';
import { decideBaselines } from '../../../src/evaluation/baselines.ts';
import { compareDecisions, decideAll } from '../../../src/evaluation/compare.ts';
import { evaluateClassifier } from '../../../src/evaluation/evaluate.ts';
import { explainMistakes } from '../../../src/evaluation/mistakes.ts';
import { writeReport } from '../../../src/evaluation/report/report.ts';
import { toyTaxonomy, toyWorld } from '../../classifier/toy.ts';

const HOSTILE = '<img src=x onerror=alert(1)>"\'&';
const articles: Article[] = toyWorld(40, 1).articles.map((article, i) => ({
  ...article,
  id: `${HOSTILE}${i}`,
  text: `خبر عن البحر. ${HOSTILE} ${article.text}`,
}));
const targets = encodeTargets(articles, toyTaxonomy);
const data = { vectors: new Float32Array(40), ngrams: noNgrams(40), targets };
const heads = [{ thresholds: [0.5, 0.5, 0.5] }, { thresholds: [] }];
/** Knows the truth, but for the first rows. */
const oracle = (wrong: number) => ({
  id: 'f'.repeat(64),
  taxonomy: toyTaxonomy,
  logits: () => targets.map(({ labels }) => new Float32Array(labels.length)),
  probabilities: () =>
    targets.map(({ labels, head }) =>
      Float32Array.from(labels, (label, i) => {
        const sure = 0.9 - (i % 7) / 100;
        return (label === 1) !== Math.floor(i / head.labels.length) < wrong ? sure : 1 - sure;
      }),
    ),
});
const explain = async (texts: readonly string[]): Promise<Explanation[]> =>
  texts.map((text) => ({
    sentences: [
      { text: text.slice(0, 14), start: 0, end: 14 },
      { text: text.slice(14), start: 14, end: text.length },
    ],
    effects: [Float32Array.of(0.4, 0, -0.4, 0, 0.4, 0), Float32Array.of(0.4, 0, -0.4, 0)],
  }));

let report: string;
beforeAll(async () => {
  const texts = articles.map(({ text }) => text);
  const evaluation = evaluateClassifier(oracle(5), heads, data, {
    seed: 1,
    articles,
    abstains: articles.map((_, i) => i < 3),
    slices: articles.map((_, i) => [i < 20 ? HOSTILE : 'rest']),
    baselines: await decideBaselines({ texts, targets }, texts),
  });
  evaluation.notes.push(HOSTILE);
  for (const head of evaluation.heads)
    head.mistakes = await explainMistakes(head.head, head.mistakes, toyTaxonomy, explain);
  const [before, after] = [oracle(12), oracle(5)].map((own) => decideAll(own, heads, data));
  const comparison = compareDecisions(before!, after!, articles, { seed: 1 });
  report = writeReport({ evaluation, comparison, data: HOSTILE });
});

describe('writeReport', () => {
  it.each([
    'Beside the baselines',
    'Slices, the worst first',
    'Labels',
    'Confusion',
    'Can its probabilities be trusted?',
    'Precision, recall and thresholds',
    'Most confident mistakes',
    'Compared with another classifier',
  ])('has the part %j', (heading) => {
    expect(report).toMatch(new RegExp(`<h[23]>${heading.replace('?', '\\?')}`));
  });

  it('draws two charts for each label of a multi-label head, one of a one-of head, and two for each head', () => {
    const [topics, mood] = toyTaxonomy.heads;

    expect(report.match(/<svg/g)).toHaveLength(2 * topics!.labels.length + mood!.labels.length + 2 * 2);
  });

  it('runs nothing and loads nothing', () => {
    expect(report).not.toMatch(/<script|<link|<iframe|<img|@import|url\(|https?:/i);
    expect(report).not.toMatch(/<[^>]*\son\w+=/i);
  });

  it('escapes ids, texts, notes and names', () => {
    expect(report).not.toContain('<img');
    expect(report).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;');
  });

  it('lets every text choose its own direction', () => {
    expect(report).toContain('<div class="text" dir="auto">خبر عن البحر.');
  });

  it('shows the sentence that drove a mistake with its effect', () => {
    expect(report).toMatch(
      /<span class="effect for">\+40\.0<\/span><div class="text" dir="auto">خبر عن البحر\.<\/div>/,
    );
  });

  it('says which texts became right', () => {
    expect(report).toContain('7 of 40 texts changed: 7 became right, 0 became wrong.');
  });

  it('closes every element it opens', () => {
    const open: string[] = [];
    for (const [, closing, name, self] of report.matchAll(
      /<(\/?)([a-z][a-z0-9]*)(?:"[^"]*"|[^>"])*?(\/?)>/g,
    )) {
      if (self || ['meta'].includes(name!)) continue;
      if (!closing) open.push(name!);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });

  it('holds no figure that is not a number', () => {
    expect(report).not.toMatch(/NaN|Infinity|undefined|\[object/);
  });
});
