import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/classifier/bundle.ts';
import { describeDifferences } from '../../src/classifier/version-differences.ts';
import { toyTaxonomy } from './toy.ts';
import { toyEncoder } from './toy-bundle.ts';

const manifest = (change: (own: Manifest) => void = () => {}): Manifest => {
  const own: Manifest = {
    format: 2,
    taxonomy: structuredClone(toyTaxonomy),
    encoder: toyEncoder,
    heads: [
      { calibration: { kind: 'temperature', temperature: 1 }, thresholds: [0.3, 0.4, 0.5] },
      { calibration: { kind: 'temperature', temperature: 1 }, thresholds: [] },
    ],
    minimumSimilarity: 0,
    training: {
      data: 'a'.repeat(64),
      articles: { train: 10, validation: 5 },
      heldOut: 'validation',
      options: { dropout: 0.4 },
      bestEpoch: 3,
      backend: 'wasm',
      versions: { rasid: '0.1.0' },
    },
    figures: { topics: { macroF1: [0.5, 0.4, 0.6] } },
    files: {},
  };
  change(own);
  return own;
};

describe('describeDifferences', () => {
  it('is silent where nothing differs', () => {
    expect(describeDifferences(manifest(), manifest())).toEqual([]);
  });

  it('names figures, data, options, thresholds and environment that changed, and nothing else', () => {
    const to = manifest((own) => {
      own.figures = { topics: { macroF1: [0.55, 0.45, 0.65] } };
      own.training.data = 'b'.repeat(64);
      own.training.articles.train = 12;
      own.training.options.dropout = 0.5;
      own.heads[0]!.thresholds[1] = 0.45;
      own.training.versions = { rasid: '0.2.0' };
    });

    expect(describeDifferences(manifest(), to)).toEqual([
      'figure topics macroF1: 50.0 → 55.0 (+5.0; 95 % 45.0 – 65.0)',
      `training data: ${'a'.repeat(64)} → ${'b'.repeat(64)}`,
      'training articles.train: 10 → 12',
      'option dropout: 0.4 → 0.5',
      'threshold topics/sky: 0.40 → 0.45',
      'environment rasid: 0.1.0 → 0.2.0',
    ]);
  });

  it('follows a threshold by its label, and names labels that went', () => {
    const to = manifest((own) => {
      own.taxonomy.heads[0]!.labels.shift();
      own.heads[0]!.thresholds.shift();
    });

    expect(describeDifferences(manifest(), to)).toEqual([
      'label topics/sea: yes → none',
      'threshold topics/sea: 0.30 → none',
    ]);
  });
});
