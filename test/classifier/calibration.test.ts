import { describe, expect, it } from 'vitest';
import {
  type Calibration,
  calibrate,
  fitCalibration,
  fitPlatt,
  fitTemperature,
  logLoss,
  UNCALIBRATED,
} from '../../src/classifier/calibration.ts';
import type { HeadTargets } from '../../src/classifier/targets.ts';
import { seededRandom } from '../../src/random.ts';
import { toyTaxonomy } from './toy.ts';

const [topics, mood] = toyTaxonomy.heads;
const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

/** Records whose labels are drawn from the true logits, while the classifier reports `scale` times those. */
function drawn(
  head: typeof mood,
  size: number,
  scale: number,
): { logits: Float32Array; targets: HeadTargets } {
  const random = seededRandom(3);
  const width = head!.labels.length;
  const logits = new Float32Array(size * width);
  const labels = new Uint8Array(size * width);
  for (let row = 0; row < size; row++) {
    const truth = Array.from({ length: width }, () => 4 * (random.next() - 0.5));
    logits.set(
      truth.map((z) => z * scale),
      row * width,
    );
    if (head!.kind === 'multi-label') {
      for (const [k, z] of truth.entries()) labels[row * width + k] = random.next() < sigmoid(z) ? 1 : 0;
    } else {
      const shares = truth.map((z) => Math.exp(z));
      const point = random.next() * shares.reduce((a, b) => a + b, 0);
      labels[row * width + (point < shares[0]! ? 0 : 1)] = 1;
    }
  }
  return { logits, targets: { head: head!, labels, known: new Uint8Array(size).fill(1) } };
}

describe('calibrate', () => {
  it('divides by the temperature before the softmax', () => {
    const [calm] = calibrate(Float32Array.of(3, 1), mood!, { kind: 'temperature', temperature: 2 });

    expect(calm).toBeCloseTo(Math.exp(1.5) / (Math.exp(1.5) + Math.exp(0.5)), 6);
  });

  it('applies each label’s own line', () => {
    const out = calibrate(Float32Array.of(1, 2, 3), topics!, {
      kind: 'platt',
      slopes: [1, 2, 0.5],
      intercepts: [0, -1, 1],
    });

    for (const [i, z] of [1, 3, 2.5].entries()) expect(out[i]).toBeCloseTo(sigmoid(z), 6);
  });

  it.each([
    { kind: 'temperature', temperature: 1 },
    { kind: 'platt', slopes: [1, 1, 1], intercepts: [0, 0, 0] },
  ] as const)('is never certain that a label applies or not ($kind)', (calibration) => {
    const [yes, no] = calibrate(Float32Array.of(90, -90, 0), topics!, calibration as Calibration);

    expect(yes).toBeLessThan(1);
    expect(yes).toBeGreaterThan(0.999_99);
    expect(no).toBeGreaterThan(0);
  });
});

describe('fitTemperature', () => {
  it('finds by how much the logits are too large', () => {
    const { logits, targets } = drawn(mood, 4_000, 3);

    expect(fitTemperature(logits, targets)).toBeGreaterThan(2.6);
    expect(fitTemperature(logits, targets)).toBeLessThan(3.4);
  });
});

describe('fitPlatt', () => {
  it('finds the line the labels were drawn from', () => {
    const random = seededRandom(5);
    const logits = Array.from({ length: 5_000 }, () => 6 * (random.next() - 0.5));
    const positive = logits.map((z) => random.next() < sigmoid(0.7 * z - 1));

    const { slope, intercept } = fitPlatt(logits, positive);

    expect(slope).toBeCloseTo(0.7, 1);
    expect(intercept).toBeCloseTo(-1, 1);
  });
});

describe('fitCalibration', () => {
  it.each([topics, mood])('lowers the log loss of overconfident logits', (head) => {
    const { logits, targets } = drawn(head, 2_000, 3);
    const raw = logLoss(calibrate(logits, head!, { kind: 'temperature', temperature: 1 }), targets);

    const fitted = logLoss(calibrate(logits, head!, fitCalibration(logits, targets)), targets);

    expect(fitted).toBeLessThan(raw - 0.05);
  });

  it('gives a label a line of its own only where that predicts better', () => {
    const { logits, targets } = drawn(topics, 3_000, 2);
    // Label 0 is reported far too low; the others need nothing but the temperature.
    for (let row = 0; row < 3_000; row++) logits[row * 3]! -= 4;

    const calibration = fitCalibration(logits, targets);

    if (calibration.kind !== 'platt') throw new Error('expected one line per label');
    expect(calibration.intercepts[0]).toBeGreaterThan(1);
    const biased = logLoss(calibrate(logits, topics!, UNCALIBRATED), targets);
    expect(logLoss(calibrate(logits, topics!, calibration), targets)).toBeLessThan(biased - 0.1);
  });

  it('keeps the common temperature where the label follows it', () => {
    const { logits, targets } = drawn(topics, 300, 1);

    const calibration = fitCalibration(logits, targets);

    if (calibration.kind !== 'platt') throw new Error('expected one line per label');
    expect(calibration.intercepts.filter((intercept) => intercept === 0).length).toBeGreaterThan(0);
  });

  it('gives a label with few examples the common temperature', () => {
    const { logits, targets } = drawn(topics, 2_000, 2);
    for (let row = 0; row < 2_000; row++) targets.labels[row * 3 + 1] = row < 4 ? 1 : 0;

    const calibration = fitCalibration(logits, targets);

    if (calibration.kind !== 'platt') throw new Error('expected one line per label');
    expect(calibration.slopes[1]).toBeCloseTo(1 / fitTemperature(logits, targets), 6);
    expect(calibration.intercepts[1]).toBe(0);
  });
});
