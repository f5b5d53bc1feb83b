import { describe, expect, it } from 'vitest';
import { findLabelErrors } from '../../src/audit/confident-learning.ts';
import { taxonomy } from './corpus-of.ts';

const [topics, mood] = taxonomy.heads;

describe('findLabelErrors', () => {
  it('suspects a one-of label where another class passes its own average', () => {
    // Average self-confidence: calm (0.9 + 0.8 + 0.1) / 3 = 0.6, storm (0.9 + 0.7) / 2 = 0.8.
    const probabilities = Float32Array.from([0.9, 0.1, 0.8, 0.2, 0.1, 0.9, 0.1, 0.9, 0.3, 0.7]);
    const labels = Uint8Array.from([1, 0, 1, 0, 1, 0, 0, 1, 0, 1]);

    const { errors, likelihood } = findLabelErrors(probabilities, {
      head: mood!,
      labels,
      known: new Uint8Array(5).fill(1),
    });

    expect(errors).toEqual([
      {
        row: 2,
        label: 0,
        given: true,
        confidence: expect.closeTo(0.1, 6),
        suggested: 1,
        suggestedConfidence: expect.closeTo(0.9, 6),
      },
    ]);
    expect([...likelihood].map((x) => Math.exp(x))).toEqual(
      [0.9, 0.8, 0.1, 0.9, 0.7].map((p) => expect.closeTo(p, 5)),
    );
  });

  it('judges each label of a multi-label head against its absence, and ranks by all of an article', () => {
    // Row 2 carries sea, which is unlikely, and lacks sky, which is likely; row 3 lacks land, which is likely.
    const probabilities = Float32Array.from([
      0.9, 0.1, 0.1, 0.1, 0.9, 0.1, 0.1, 0.9, 0.1, 0.1, 0.9, 0.8, 0.1, 0.1, 0.7,
    ]);
    const labels = Uint8Array.from([1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]);

    const { errors } = findLabelErrors(probabilities, {
      head: topics!,
      labels,
      known: new Uint8Array(5).fill(1),
    });

    expect(errors.map(({ row, label, given }) => [row, label, given])).toEqual([
      [2, 0, true],
      [2, 1, false],
      [3, 2, false],
    ]);
  });

  it('says nothing of rows that do not know the head', () => {
    const { errors } = findLabelErrors(Float32Array.from([0.9, 0.1, 0.1, 0.9]), {
      head: mood!,
      labels: Uint8Array.from([0, 0, 0, 0]),
      known: new Uint8Array(2),
    });

    expect(errors).toEqual([]);
  });
});
