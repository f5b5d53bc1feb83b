import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/classifier/bundle.ts';
import type { LabelledFeatures } from '../../src/classifier/fit.ts';
import { encodeTargets } from '../../src/classifier/targets.ts';
import { noNgrams } from '../../src/classifier/tfidf.ts';
import { decideBaselines } from '../../src/evaluation/baselines.ts';
import { pairedDifference } from '../../src/evaluation/bootstrap.ts';
import { evaluateClassifier } from '../../src/evaluation/evaluate.ts';
import { slicesOf } from '../../src/evaluation/slices.ts';
import { formatEvaluation } from '../../src/evaluation/table.ts';
import { toyTaxonomy, toyWorld } from '../classifier/toy.ts';

const { articles } = toyWorld(60, 1);
const targets = encodeTargets(articles, toyTaxonomy);
const data: LabelledFeatures = { vectors: new Float32Array(60), ngrams: noNgrams(60), targets };
const heads = [{ thresholds: [0.5, 0.5, 0.5] }, { thresholds: [] }] as unknown as Manifest['heads'];
/** A classifier that knows the truth, but for the rows given. */
const oracle = (wrong: number[]) => ({
  id: 'oracle',
  probabilities: () =>
    targets.map(({ labels, head }) =>
      Float32Array.from(labels, (label, i) =>
        wrong.includes(Math.floor(i / head.labels.length)) ? 1 - label : label,
      ),
    ),
});

describe('evaluateClassifier', () => {
  it('gives full marks to the truth, with intervals of no width', () => {
    const { heads: scores } = evaluateClassifier(oracle([]), heads, data, { seed: 1 });

    for (const { intervals, calibration, labels } of scores) {
      expect(intervals.microF1).toEqual({ value: 1, low: 1, high: 1 });
      expect(calibration.error).toBe(0);
      for (const label of labels) expect([label.averagePrecision, label.rocAuc]).toEqual([1, 1]);
    }
  });

  it('counts a one-of head’s mistakes in the confusion matrix', () => {
    const { heads: scores } = evaluateClassifier(oracle([3, 4, 5]), heads, data, { seed: 1 });
    const confusion = scores[1]!.confusion!;

    expect(confusion[0]![1]! + confusion[1]![0]!).toBe(3);
    expect(confusion.flat().reduce((a, b) => a + b)).toBe(60);
  });

  it('shows the worst slice first, and none that is too small', () => {
    const slices = articles.map((_, i) => [i < 20 ? 'bad' : 'good', i < 5 ? 'tiny' : 'large']);
    const wrong = Array.from({ length: 15 }, (_, i) => i);

    const { heads: scores } = evaluateClassifier(oracle(wrong), heads, data, { seed: 1, slices });

    expect(scores[1]!.slices.map(({ name, records }) => [name, records])).toEqual([
      ['bad', 20],
      ['large', 55],
      ['good', 40],
    ]);
    expect(scores[1]!.slices[0]!.microF1.value).toBeCloseTo(5 / 20, 9);
  });

  it('beats guessing, and the table says so', () => {
    const texts = articles.map(({ text }) => text);
    const baselines = decideBaselines({ texts, targets }, texts);
    const evaluation = evaluateClassifier(oracle([1]), heads, data, { seed: 1, baselines });

    const [majority, regression] = evaluation.heads[1]!.baselines;
    expect(majority!.difference.value).toBeGreaterThan(0.3);
    expect(majority!.difference.pValue).toBeLessThan(0.01);
    // Logistic regression was trained on these very texts, which name their labels.
    expect(regression!.accuracy).toBe(1);
    expect(formatEvaluation(evaluation)).toContain('against majority');
  });
});

describe('pairedDifference', () => {
  it('is sure of a difference on every record and unsure of none', () => {
    const mean = (values: number[]) => (rows: readonly number[]) =>
      rows.reduce((sum, row) => sum + values[row]!, 0) / rows.length;
    const ones = new Array<number>(50).fill(1);
    const zeros = new Array<number>(50).fill(0);

    expect(pairedDifference(50, mean(ones), mean(zeros), { seed: 1 })).toEqual({
      value: 1,
      low: 1,
      high: 1,
      pValue: 0,
    });
    expect(pairedDifference(50, mean(ones), mean(ones), { seed: 1 }).pValue).toBe(1);
  });
});

describe('slicesOf', () => {
  it('names the length and what the article tells of itself', () => {
    const article = { id: 'a', text: 'كلمة '.repeat(61).trim(), language: 'ar', genre: 'brief' };

    expect(slicesOf(article)).toEqual(['length: 60 to 200 words', 'language: ar', 'genre: brief']);
  });
});
