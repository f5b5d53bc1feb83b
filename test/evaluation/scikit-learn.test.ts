import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { logLoss } from '../../src/classifier/calibration.ts';
import type { HeadTargets } from '../../src/classifier/targets.ts';
import { confusionMatrix, decide, scoreHead } from '../../src/evaluation/metrics.ts';
import { averagePrecision, rocAuc } from '../../src/evaluation/ranking.ts';
import { brierScore } from '../../src/evaluation/reliability.ts';

/** Figures of scikit-learn, computed by test/fixtures/scikit_learn.py. */
const { multiLabel, oneOf } = JSON.parse(readFileSync('test/fixtures/scikit-learn.json', 'utf8'));

function targetsOf(kind: 'multi-label' | 'one-of', rows: number[][]): HeadTargets {
  const name = { ar: 'x', en: 'x' };
  const labels = rows[0]!.map((_, k) => ({ id: `l${k}`, name, definition: name }));
  return {
    head: { id: 'head', name, kind, labels },
    labels: Uint8Array.from(rows.flat()),
    known: new Uint8Array(rows.length).fill(1),
  };
}
const near = (value: number) => expect.closeTo(value, 9);
const column = (rows: number[][], k: number) => rows.map((row) => row[k]!);

describe('a multi-label head', () => {
  const targets = targetsOf('multi-label', multiLabel.truth);
  const score = scoreHead(Uint8Array.from(multiLabel.predicted.flat()), targets, targets.known.keys());

  it('has scikit-learn’s precision, recall, F1 and support of every label', () => {
    const figures = ['precision', 'recall', 'f1', 'support'] as const;
    for (const figure of figures)
      expect(score.labels.map((label) => label[figure])).toEqual(multiLabel[figure].map(near));
  });

  it('has its averages', () => {
    expect(score).toMatchObject({
      microF1: near(multiLabel.averages.micro),
      macroF1: near(multiLabel.averages.macro),
      weightedF1: near(multiLabel.averages.weighted),
      samplesF1: near(multiLabel.averages.samples),
      accuracy: near(multiLabel.subsetAccuracy),
      hammingLoss: near(multiLabel.hammingLoss),
    });
  });

  it.each([0, 1, 2, 3, 4])(
    'has its average precision, ROC AUC and Brier score of label %i, ties included',
    (k) => {
      const [scores, positive] = [column(multiLabel.scores, k), column(multiLabel.truth, k)];

      expect(averagePrecision(scores, positive)).toBeCloseTo(multiLabel.averagePrecision[k], 9);
      expect(rocAuc(scores, positive)).toBeCloseTo(multiLabel.rocAuc[k], 9);
      expect(brierScore(scores, positive)).toBeCloseTo(multiLabel.brier[k], 9);
    },
  );
});

describe('a one-of head', () => {
  const truth = (oneOf.truth as number[]).map((label) => [0, 1, 2].map((k) => (k === label ? 1 : 0)));
  const targets = targetsOf('one-of', truth);
  const decisions = decide(Float32Array.from(oneOf.scores.flat()), targets, []);

  it('has scikit-learn’s confusion matrix, averages and accuracy', () => {
    expect(confusionMatrix(decisions, targets)).toEqual(oneOf.confusion);
    expect(scoreHead(decisions, targets, targets.known.keys())).toMatchObject({
      microF1: near(oneOf.averages.micro),
      macroF1: near(oneOf.averages.macro),
      weightedF1: near(oneOf.averages.weighted),
      accuracy: near(oneOf.accuracy),
    });
  });

  it('has its log loss, to the precision of 32-bit probabilities', () => {
    const scores = (oneOf.scores as number[][]).map((row) => row.map((p) => p / row.reduce((a, b) => a + b)));

    expect(logLoss(Float32Array.from(scores.flat()), targets)).toBeCloseTo(oneOf.logLoss, 6);
  });
});
