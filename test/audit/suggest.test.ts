import { describe, expect, it } from 'vitest';
import { suggestRows, uncertainty } from '../../src/audit/suggest.ts';
import type { Prediction } from '../../src/classifier/classifier.ts';
import { taxonomy } from './corpus-of.ts';

const prediction = (topics: number[], mood: number[]): Prediction => {
  const scored = (ids: string[], scores: number[]) => ({
    accepted: [],
    scores: ids.map((id, i) => ({ id, score: scores[i]! })),
  });
  return {
    heads: {
      topics: scored(['sea', 'sky', 'land'], topics),
      mood: scored(['calm', 'storm'], mood),
    },
    abstains: false,
    reasons: [],
    similarity: 1,
  };
};

describe('uncertainty', () => {
  it('is 0 where all is clear and 1 where nothing is', () => {
    expect(uncertainty(prediction([1, 0, 0], [1, 0]), taxonomy)).toBe(0);
    expect(uncertainty(prediction([1, 0.5, 0], [0.5, 0.5]), taxonomy)).toBeCloseTo(1, 10);
  });

  it('is the mean of the heads', () => {
    // Topics are clear; calm against storm is 0.9 to 0.1.
    const entropy = -(0.9 * Math.log2(0.9) + 0.1 * Math.log2(0.1));

    expect(uncertainty(prediction([1, 0, 0], [0.9, 0.1]), taxonomy)).toBeCloseTo(entropy / 2, 10);
  });
});

describe('suggestRows', () => {
  /** Unit vectors in the plane. */
  const at = (...degrees: number[]) =>
    Float32Array.from(degrees.flatMap((d) => [Math.cos((d * Math.PI) / 180), Math.sin((d * Math.PI) / 180)]));
  const rows = (input: Partial<Parameters<typeof suggestRows>[0]> & { vectors: Float32Array }) =>
    suggestRows({
      dim: 2,
      uncertainties: Array.from({ length: input.vectors.length / 2 }, () => 0.5),
      count: 2,
      ...input,
    }).map(({ row }) => row);

  it('begins with the least certain text and goes on with one unlike it', () => {
    expect(rows({ vectors: at(0, 2, 90), uncertainties: [0.9, 0.8, 0.7] })).toEqual([0, 2]);
  });

  it('passes over what is clear, however unlike it is', () => {
    expect(rows({ vectors: at(0, 30, 180), uncertainties: [0.9, 0.8, 0.01] })).toEqual([0, 1]);
  });

  it('passes over what is like the texts labelled already', () => {
    expect(rows({ vectors: at(0, 90), labelled: at(1), count: 1 })).toEqual([1]);
  });

  it('gives all texts, each once, where more are asked for', () => {
    expect(rows({ vectors: at(0, 0, 90), count: 9 }).sort()).toEqual([0, 1, 2]);
  });
});
