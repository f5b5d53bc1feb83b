import { describe, expect, it } from 'vitest';
import { seededRandom } from '../src/random.ts';

describe('seededRandom', () => {
  it('repeats itself for a seed and differs between seeds', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, seededRandom(seed).next);

    expect(draw(3)).toEqual(draw(3));
    expect(draw(3)).not.toEqual(draw(4));
  });

  it('is uniform: each tenth of [0, 1) holds a tenth of the numbers', () => {
    const { next } = seededRandom(1);
    const bins = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) bins[Math.floor(next() * 10)]! += 1;

    // Standard deviation of a bin: √(100000 · 0.1 · 0.9) ≈ 95.
    for (const bin of bins) expect(Math.abs(bin - 10_000)).toBeLessThan(5 * 95);
  });

  it('shuffles a copy that holds the same items', () => {
    const items = Array.from({ length: 50 }, (_, i) => i);
    const shuffled = seededRandom(1).shuffle(items);

    expect(shuffled).not.toEqual(items);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
  });
});
