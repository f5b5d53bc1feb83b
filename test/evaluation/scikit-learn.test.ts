import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { logLoss } from '../../src/classifier/calibration.ts';
import type { HeadTargets } from '../../src/classifier/targets.ts';
import { coverageOf, judge } from '../../src/evaluation/coverage.ts';
import { precisionRecallCurve, thresholdSweep } from '../../src/evaluation/curves.ts';
import { confusionMatrix, decide, scoreHead } from '../../src/evaluation/metrics.ts';
import { averagePrecision, rocAuc } from '../../src/evaluation/ranking.ts';
import { brierScore, measureCalibration } from '../../src/evaluation/reliability.ts';

/** Figures of scikit-learn, computed by test/fixtures/scikit_learn.py. */
const { multiLabel, oneOf, calibration } = JSON.parse(
  readFileSync('test/fixtures/scikit-learn.json', 'utf8'),
);

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

describe('curves', () => {
  it.each([0, 1, 2, 3, 4])('have scikit-learn’s precision and recall of label %i at every threshold', (k) => {
    const expected = multiLabel.curves[k];
    const points = precisionRecallCurve(column(multiLabel.scores, k), column(multiLabel.truth, k)).reverse();

    expect(points.map(({ threshold }) => threshold)).toEqual(expected.thresholds.map(near));
    // scikit-learn closes its curve with precision 1 at recall 0.
    expect([...points.map(({ precision }) => precision), 1]).toEqual(expected.precision.map(near));
    expect([...points.map(({ recall }) => recall), 0]).toEqual(expected.recall.map(near));
  });

  it('have its precision, recall and F1 at evenly spaced thresholds', () => {
    const sweep = thresholdSweep(column(multiLabel.scores, 0), column(multiLabel.truth, 0));

    expect(sweep.map(({ precision, recall, f1 }) => [precision, recall, f1])).toEqual(
      (multiLabel.sweep as number[][]).map((point) => point.map(near)),
    );
  });
});

describe('calibration', () => {
  const truth = (calibration.oneOf.truth as number[]).map((label) =>
    [0, 1, 2].map((k) => (k === label ? 1 : 0)),
  );
  it.each([
    ['one-of', calibration.oneOf, truth],
    ['multi-label', calibration.multiLabel, calibration.multiLabel.truth],
  ] as const)('of a %s head has scikit-learn’s Brier score and reliability curve', (kind, given, rows) => {
    const targets = targetsOf(kind, rows);
    const probabilities = Float32Array.from(given.probabilities.flat());
    const decisions = decide(probabilities, targets, [0.5, 0.5, 0.5]);

    const { brier, bins, error } = measureCalibration(probabilities, decisions, targets, { seed: 1 });

    const filled = bins.filter(({ records }) => records > 0);
    expect(brier).toBeCloseTo(given.brier, 9);
    expect(bins.map(({ records }) => records)).toEqual(given.reliability.records);
    expect(filled.map(({ observed }) => observed)).toEqual(given.reliability.observed.map(near));
    expect(filled.map(({ predicted }) => predicted)).toEqual(given.reliability.predicted.map(near));
    expect(error).toBeCloseTo(given.reliability.error, 9);
  });

  it('by confidence has the accuracy of the surest, step by step', () => {
    const targets = targetsOf('one-of', truth);
    const probabilities = Float32Array.from(calibration.oneOf.probabilities.flat());
    const rows = [...truth.keys()];
    const judged = judge(probabilities, decide(probabilities, targets, []), targets, rows);

    const { curve } = coverageOf(judged, undefined, { seed: 1 });

    expect(curve.map(({ score }) => score.value)).toEqual(calibration.oneOf.coverage.map(near));
  });
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
