/**
 * Turns logits into probabilities that mean what they say.
 *
 * One-of heads: temperature scaling (Guo et al. 2017). Multi-label heads: Platt scaling per label (Platt 1999), with his
 * smoothed targets, where a label has enough examples and gains by it; else the head's common temperature.
 */

import type { Head } from '../dataset/taxonomy.ts';
import type { HeadTargets } from './targets.ts';

export type Calibration =
  | { kind: 'temperature'; temperature: number }
  /** Per label: probability = sigmoid(slope · logit + intercept). */
  | { kind: 'platt'; slopes: number[]; intercepts: number[] };

/** Logits taken as they are. */
export const UNCALIBRATED: Calibration = { kind: 'temperature', temperature: 1 };

const sigmoid = (z: number) => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));
/** log(1 + e^z) without overflow. */
const softplus = (z: number) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));

/** Fewest positives, and fewest negatives, for which a label gets its own scaling. */
const FEWEST_FOR_PLATT = 10;

/** No number of held-out rows supports certainty: the probability that a label applies keeps this distance from 0 and from 1. */
const DOUBT = 1e-6;
const doubted = (p: number) => Math.min(1 - DOUBT, Math.max(DOUBT, p));

/** Probabilities of one head: [n, labels] from its logits [n, labels]. */
export function calibrate(logits: Float32Array, head: Head, calibration: Calibration): Float32Array {
  const width = head.labels.length;
  const out = new Float32Array(logits.length);
  if (calibration.kind === 'platt') {
    for (let i = 0; i < logits.length; i++) {
      const label = i % width;
      out[i] = doubted(sigmoid(calibration.slopes[label]! * logits[i]! + calibration.intercepts[label]!));
    }
    return out;
  }
  const { temperature } = calibration;
  for (let start = 0; start < logits.length; start += width) {
    if (head.kind === 'multi-label') {
      for (let i = start; i < start + width; i++) out[i] = doubted(sigmoid(logits[i]! / temperature));
      continue;
    }
    const top = Math.max(...logits.subarray(start, start + width));
    let sum = 0;
    for (let i = start; i < start + width; i++) {
      out[i] = Math.exp((logits[i]! - top) / temperature);
      sum += out[i]!;
    }
    for (let i = start; i < start + width; i++) out[i] = out[i]! / sum;
  }
  return out;
}

/** Mean log loss of a head's probabilities over the records that know it. */
export function logLoss(probabilities: Float32Array, { head, labels, known }: HeadTargets): number {
  const width = head.labels.length;
  const floor = 1e-12;
  let sum = 0;
  let rows = 0;
  for (let row = 0; row < known.length; row++) {
    if (!known[row]) continue;
    rows += 1;
    for (let i = row * width; i < (row + 1) * width; i++) {
      const p = probabilities[i]!;
      if (labels[i]) sum -= Math.log(Math.max(p, floor));
      else if (head.kind === 'multi-label') sum -= Math.log(Math.max(1 - p, floor));
    }
  }
  return rows === 0 ? 0 : sum / rows;
}

/** The temperature of least log loss, by golden-section search on its logarithm. */
export function fitTemperature(logits: Float32Array, targets: HeadTargets): number {
  const loss = (logT: number) =>
    logLoss(calibrate(logits, targets.head, { kind: 'temperature', temperature: Math.exp(logT) }), targets);
  const ratio = (Math.sqrt(5) - 1) / 2;
  let low = Math.log(0.05);
  let high = Math.log(20);
  for (let step = 0; step < 40; step++) {
    const a = high - ratio * (high - low);
    const b = low + ratio * (high - low);
    if (loss(a) < loss(b)) high = b;
    else low = a;
  }
  return Math.exp((low + high) / 2);
}

/** Slope and intercept by Newton's method on Platt's smoothed targets (Lin, Lin and Weng 2007). */
export function fitPlatt(logits: readonly number[], positive: readonly boolean[]): Line {
  const positives = positive.filter(Boolean).length;
  const high = (positives + 1) / (positives + 2);
  const low = 1 / (positive.length - positives + 2);
  const wanted = positive.map((p) => (p ? high : low));
  const loss = (a: number, b: number) =>
    logits.reduce((sum, z, i) => sum + softplus(a * z + b) - wanted[i]! * (a * z + b), 0);
  let slope = 0;
  let intercept = Math.log((positives + 1) / (positive.length - positives + 1));
  for (let step = 0; step < 100; step++) {
    let [ga, gb, haa, hab, hbb] = [0, 0, 1e-12, 0, 1e-12];
    for (const [i, z] of logits.entries()) {
      const p = sigmoid(slope * z + intercept);
      const gradient = p - wanted[i]!;
      const curvature = p * (1 - p);
      ga += gradient * z;
      gb += gradient;
      haa += curvature * z * z;
      hab += curvature * z;
      hbb += curvature;
    }
    if (Math.abs(ga) < 1e-7 && Math.abs(gb) < 1e-7) break;
    const determinant = haa * hbb - hab * hab;
    const da = (-hbb * ga + hab * gb) / determinant;
    const db = (hab * ga - haa * gb) / determinant;
    const before = loss(slope, intercept);
    let rate = 1;
    while (rate > 1e-10 && loss(slope + rate * da, intercept + rate * db) > before) rate /= 2;
    if (rate <= 1e-10) break;
    slope += rate * da;
    intercept += rate * db;
  }
  return { slope, intercept };
}

/** A line through a label's logits: probability = sigmoid(slope · logit + intercept). */
interface Line {
  slope: number;
  intercept: number;
}

const lineLoss = ({ slope, intercept }: Line, z: number, positive: boolean) =>
  softplus(slope * z + intercept) - (positive ? slope * z + intercept : 0);

/** Parts that take turns in being left out while a scaling is chosen. */
const PARTS = 5;

/** Log loss of a label's rows under lines that were fitted without them. */
function leftOutLoss(
  logits: readonly number[],
  positive: readonly boolean[],
  fitLine: (logits: readonly number[], positive: readonly boolean[]) => Line,
): number {
  let sum = 0;
  for (let part = 0; part < PARTS; part++) {
    const isOut = (_: unknown, i: number) => i % PARTS === part;
    const isIn = (_: unknown, i: number) => i % PARTS !== part;
    const line = fitLine(logits.filter(isIn), positive.filter(isIn));
    const outside = positive.filter(isOut);
    for (const [k, z] of logits.filter(isOut).entries()) sum += lineLoss(line, z, outside[k]!);
  }
  return sum;
}

/**
 * Fits one head's calibration on held-out logits: [n, labels]. A label with enough examples gets a scaling of its own
 * where that has the lesser log loss on rows that it was not fitted on; else it shares the head's temperature.
 */
export function fitCalibration(logits: Float32Array, targets: HeadTargets): Calibration {
  const { head, labels, known } = targets;
  const width = head.labels.length;
  const temperature = fitTemperature(logits, targets);
  if (head.kind === 'one-of') return { kind: 'temperature', temperature };
  const rows = Array.from(known.keys()).filter((row) => known[row] === 1);
  const shared: Line = { slope: 1 / temperature, intercept: 0 };
  const lines = head.labels.map((_, label) => {
    const own = rows.map((row) => logits[row * width + label]!);
    const positive = rows.map((row) => labels[row * width + label] === 1);
    const positives = positive.filter(Boolean).length;
    if (Math.min(positives, positive.length - positives) < FEWEST_FOR_PLATT) return shared;
    const fitted = fitPlatt(own, positive);
    // A falling line would turn the network's ranking upside down.
    if (fitted.slope <= 0) return shared;
    const isBetter = leftOutLoss(own, positive, fitPlatt) < leftOutLoss(own, positive, () => shared);
    return isBetter ? fitted : shared;
  });
  return {
    kind: 'platt',
    slopes: lines.map(({ slope }) => slope),
    intercepts: lines.map(({ intercept }) => intercept),
  };
}
