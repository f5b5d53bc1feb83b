import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/classifier/bundle.ts';
import { writeModelCard } from '../../src/evaluation/card.ts';
import type { Evaluation } from '../../src/evaluation/evaluate.ts';
import { toyTaxonomy } from '../classifier/toy.ts';
import { fakeIdentity } from '../encoder/fake.ts';

const interval = (value: number) => ({ value, low: value - 0.1, high: value + 0.1 });
const label = (id: string) => ({
  id,
  precision: 0.5,
  recall: 0.25,
  f1: 1 / 3,
  support: 7,
  averagePrecision: 0,
  rocAuc: 0,
});
const evaluation = {
  model: 'x',
  records: 20,
  notes: ['mood: only 20 articles'],
  heads: toyTaxonomy.heads.map(({ id, kind, labels }) => ({
    head: id,
    kind,
    records: 20,
    labels: labels.map((l) => label(l.id)),
    intervals: { microF1: interval(0.7), macroF1: interval(0.6), accuracy: interval(0.5) },
    calibration: { error: 0.042, brier: 0, bins: [] },
    rawCalibration: { error: 0.113, brier: 0, bins: [] },
  })),
} as unknown as Evaluation;
const manifest = {
  taxonomy: toyTaxonomy,
  encoder: fakeIdentity(),
  heads: [{ thresholds: [0.3, 0.4, 0.55] }, { thresholds: [] }],
  ngrams: { columns: 12_345 },
  training: {
    data: 'd'.repeat(64),
    articles: { train: 40, validation: 10 },
    heldOut: 'cross-validation',
    options: { seed: 7 },
    bestEpoch: 9,
    backend: 'wasm',
    versions: { node: '20.0.0' },
  },
} as unknown as Manifest;

describe('writeModelCard', () => {
  const card = writeModelCard(manifest, evaluation, 'Written by hand.');

  it.each([
    'sea, sky, land',
    '40 articles to train on and 10 for validation',
    `sha256 \`${'d'.repeat(64)}\``,
    'From the datasheet: Written by hand.',
    'micro F1 70.0 (60.0 – 80.0)',
    'calibration error 4.2 (before calibration 11.3)',
    '| sky | 50.0 | 25.0 | 33.3 | 7 | 0.40 |',
    '| calm | 50.0 | 25.0 | 33.3 | 7 | highest |',
    '12,345 hashed n-grams',
    '9 epochs, chosen by cross-validation',
    'seed 7',
    'backend wasm; node 20.0.0',
    'Note: mood: only 20 articles.',
    '## Limits',
  ])('says %j', (text) => {
    expect(card).toContain(text);
  });

  it('says nothing of a datasheet that is not there', () => {
    expect(writeModelCard(manifest, evaluation, undefined)).not.toContain('datasheet');
  });
});
