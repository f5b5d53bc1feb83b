import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/classifier/bundle.ts';
import type { LabelledFeatures } from '../../src/classifier/features.ts';
import { encodeTargets } from '../../src/classifier/targets.ts';
import { noNgrams } from '../../src/classifier/tfidf.ts';
import { decideBaselines } from '../../src/evaluation/baselines.ts';
import { evaluateClassifier } from '../../src/evaluation/evaluate.ts';
import { formatEvaluation } from '../../src/evaluation/table.ts';
import { toyTaxonomy, toyWorld } from '../classifier/toy.ts';

const { articles } = toyWorld(60, 1);
const targets = encodeTargets(articles, toyTaxonomy);
const data: LabelledFeatures = { vectors: new Float32Array(60), ngrams: noNgrams(60), targets };
const heads = [{ thresholds: [0.5, 0.5, 0.5] }, { thresholds: [] }] as unknown as Manifest['heads'];
/** A classifier that knows the truth, but for the rows given. */
const oracle = (wrong: number[]) => ({
  id: 'oracle',
  /** Says nothing before it is calibrated: every label of a multi-label head at 0.5. */
  logits: () => targets.map(({ labels }) => new Float32Array(labels.length)),
  probabilities: () =>
    targets.map(({ labels, head }) =>
      Float32Array.from(labels, (label, i) =>
        wrong.includes(Math.floor(i / head.labels.length)) ? 1 - label : label,
      ),
    ),
});

describe('evaluateClassifier', () => {
  it('tells the calibration error before calibration beside the one after', () => {
    const [topics] = evaluateClassifier(oracle([]), heads, data, { seed: 1 }).heads;

    const { labels } = targets[0]!;
    const share = labels.reduce((sum, label) => sum + label, 0) / labels.length;
    expect(topics!.calibration.error).toBe(0);
    expect(topics!.rawCalibration.error).toBeCloseTo(Math.abs(0.5 - share), 6);
  });

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

  it('beats guessing, and the table says so', async () => {
    const texts = articles.map(({ text }) => text);
    const baselines = await decideBaselines({ texts, targets }, texts);
    const evaluation = evaluateClassifier(oracle([1]), heads, data, { seed: 1, baselines });

    const [majority, regression] = evaluation.heads[1]!.baselines;
    expect(majority!.differences.macroF1.value).toBeGreaterThan(0.3);
    expect(majority!.differences.macroF1.pValue).toBeLessThan(0.01);
    // Logistic regression was trained on these very texts, which name their labels.
    expect(regression!.intervals.accuracy.value).toBe(1);
    expect(formatEvaluation(evaluation)).toContain('against majority');
  });

  it('says where the model abstains, and what it is worth there', () => {
    const abstains = articles.map((_, i) => i < 12);
    const { heads: scores } = evaluateClassifier(oracle([0, 1, 2, 50]), heads, data, { seed: 1, abstains });
    const own = scores[1]!.coverage.own!;

    expect(own.coverage.value).toBeCloseTo(48 / 60, 12);
    expect(own.answered!.value).toBeCloseTo(47 / 48, 12);
    expect(own.abstained!.value).toBeCloseTo(9 / 12, 12);
  });

  it('leaves out a head that no article knows, and says so', () => {
    const without = articles.map(({ labels }) => ({ labels: { topics: labels!.topics! } }));
    const partial = { ...data, targets: encodeTargets(without, toyTaxonomy) };
    const evaluation = evaluateClassifier(oracle([]), heads, partial, { seed: 1 });

    expect(evaluation.heads.map(({ head }) => head)).toEqual(['topics']);
    expect(evaluation.notes).toEqual([expect.stringContaining('mood: no article')]);
    expect(formatEvaluation(evaluation)).toContain('note: mood: no article');
  });

  it('ranks nothing where a label has no support', () => {
    const only = articles.map(() => ({ labels: { topics: ['sea'], mood: 'calm' } }));
    const single = { ...data, targets: encodeTargets(only, toyTaxonomy) };
    const { heads: scores } = evaluateClassifier(oracle([]), heads, single, { seed: 1 });

    expect(scores[0]!.labels.map(({ averagePrecision, rocAuc }) => [averagePrecision, rocAuc])).toEqual([
      [1, null],
      [null, null],
      [null, null],
    ]);
    for (const { intervals } of scores) expect(Number.isFinite(intervals.macroF1.low)).toBe(true);
  });
});
