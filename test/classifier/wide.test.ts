import { describe, expect, it } from 'vitest';
import type { SparseRows } from '../../src/classifier/tfidf.ts';
import { addWideLogits, createWideTrainer } from '../../src/classifier/wide.ts';
import { seededRandom } from '../../src/random.ts';

/** Row 0: column 0 is 2, column 2 is 1. Row 1: column 1 is 3. */
const rows: SparseRows = {
  columns: 3,
  offsets: Uint32Array.of(0, 2, 3),
  indices: Uint32Array.of(0, 2, 1),
  values: Float32Array.of(2, 1, 3),
};
const options = { wideLearningRate: 0.5, wideDropout: 0 };

describe('addWideLogits', () => {
  it('adds each row’s product with the weights to what stands there', () => {
    const weights = Float32Array.of(1, 10, 2, 20, 3, 30);
    const logits = Float32Array.of(100, 0, 0, 0);

    addWideLogits(rows, { columns: 3, width: 2, weights }, logits);

    expect([...logits]).toEqual([100 + 2 + 3, 20 + 30, 6, 60]);
  });
});

describe('createWideTrainer', () => {
  it('takes Adagrad’s step: the first is the learning rate against the sign of the gradient', () => {
    const trainer = createWideTrainer(rows, 1, options, seededRandom(1));

    trainer.forward([0]).step(Float32Array.of(4));

    const [used, unused, other] = trainer.wide.weights;
    expect(used).toBeCloseTo(-0.5, 5);
    expect(unused).toBe(0);
    expect(other).toBeCloseTo(-0.5, 5);
  });

  it('divides later steps by the root of all squared gradients', () => {
    const trainer = createWideTrainer(rows, 1, options, seededRandom(1));

    trainer.forward([1]).step(Float32Array.of(1));
    trainer.forward([1]).step(Float32Array.of(1));

    // Gradient 3 twice: −0.5 · 3/3 − 0.5 · 3/√(9 + 9).
    expect(trainer.wide.weights[1]).toBeCloseTo(-0.5 - 0.5 / Math.SQRT2, 5);
  });

  it('takes the same step for each of many entries', () => {
    // Two rounds of four abreast, and three that remain.
    const n = 11;
    const row: SparseRows = {
      columns: n,
      offsets: Uint32Array.of(0, n),
      indices: Uint32Array.from({ length: n }, (_, i) => n - 1 - i),
      values: Float32Array.from({ length: n }, (_, i) => 1 + i),
    };
    const trainer = createWideTrainer(row, 2, options, seededRandom(1));

    trainer.forward([0]).step(Float32Array.of(1, -7));

    // An entry's rate is 0.5 · v / √(v² · (1 + 49) / 2) = 0.1, whatever its value.
    for (let column = 0; column < n; column++) {
      expect(trainer.wide.weights[2 * column]).toBeCloseTo(-0.1, 5);
      expect(trainer.wide.weights[2 * column + 1]).toBeCloseTo(0.7, 5);
    }
  });

  it('leaves out the share asked for and keeps the expected product', () => {
    const n = 20_000;
    const wideRow: SparseRows = {
      columns: n,
      offsets: Uint32Array.of(0, n),
      indices: Uint32Array.from({ length: n }, (_, i) => i),
      values: new Float32Array(n).fill(1),
    };
    const trainer = createWideTrainer(wideRow, 1, { ...options, wideDropout: 0.4 }, seededRandom(1));
    trainer.wide.weights.fill(1 / n);

    const { logits, step } = trainer.forward([0]);
    step(Float32Array.of(1));

    expect(logits[0]).toBeCloseTo(1, 1);
    const untouched = trainer.wide.weights.filter((w) => w > 0).length / n;
    expect(untouched).toBeCloseTo(0.4, 1);
  });
});
