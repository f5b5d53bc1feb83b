import { describe, expect, it } from 'vitest';
import { addQuantisedLogits, dequantise, quantise } from '../../src/classifier/quantise.ts';
import { addWideLogits, type Wide } from '../../src/classifier/wide.ts';
import { seededRandom } from '../../src/random.ts';

const random = seededRandom(3);
const draw = (length: number) => Float32Array.from({ length }, () => random.next() - 0.5);
const wide: Wide = { columns: 40, width: 3, weights: draw(120) };

describe('quantise', () => {
  it('keeps each weight to half of its output’s largest weight ÷ 127', () => {
    const weights = dequantise(quantise(wide), wide.width);
    for (let k = 0; k < wide.width; k++) {
      const own = (all: Float32Array) => all.filter((_, i) => i % wide.width === k);
      const step = Math.max(...own(wide.weights).map(Math.abs)) / 127;
      for (const [i, w] of own(wide.weights).entries())
        expect(Math.abs(own(weights)[i]! - w)).toBeLessThanOrEqual(0.5001 * step);
    }
  });

  it('changes nothing more when it is done again', () => {
    const once = quantise(wide);
    const twice = quantise({ ...wide, weights: dequantise(once, wide.width) });
    expect(twice.bytes).toEqual(once.bytes);
    for (const [k, scale] of once.scales.entries()) expect(twice.scales[k]).toBeCloseTo(scale, 9);
  });

  it('takes an output without weights', () => {
    const { bytes, scales } = quantise({ columns: 2, width: 2, weights: Float32Array.of(0, 0, 0, -2) });
    expect([...bytes].map(Math.abs)).toEqual([0, 0, 0, 127]);
    expect(scales[0]).toBe(0);
  });
});

describe('addQuantisedLogits', () => {
  it('adds what addWideLogits adds with the same weights', () => {
    const rows = {
      columns: 40,
      offsets: Uint32Array.of(0, 4, 4, 9),
      indices: Uint32Array.of(1, 39, 7, 20, 0, 3, 3, 11, 25),
      values: draw(9),
    };
    const expected = draw(9);
    const logits = expected.slice();
    const quantised = quantise(wide);
    addWideLogits(rows, { ...wide, weights: dequantise(quantised, wide.width) }, expected);
    addQuantisedLogits(rows, quantised, logits);
    for (const [i, z] of expected.entries()) expect(logits[i]).toBeCloseTo(z, 6);
  });
});
