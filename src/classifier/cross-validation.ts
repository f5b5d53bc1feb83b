/** Fits that leave rows out, so that what is tuned on scores is tuned on rows the scores were not learnt from. */

import type { Article } from '../dataset/article.ts';
import { assignFolds } from '../dataset/folds.ts';
import type { Taxonomy } from '../dataset/taxonomy.ts';
import { type LabelledFeatures, selectLabelled } from './features.ts';
import { type Epoch, fitModel } from './fit.ts';
import type { Model } from './model.ts';
import type { TrainingOptions } from './training-options.ts';

export const FOLDS = 5;

export interface FitContext {
  taxonomy: Taxonomy;
  dim: number;
  options: TrainingOptions;
  onEpoch?: ((epoch: Epoch, run: number, runs: number) => void | Promise<void>) | undefined;
  signal?: AbortSignal | undefined;
}

export interface HeldOutFit {
  model: Model;
  bestEpoch: number;
  heldOut: LabelledFeatures;
  /** Logits [n, width] of the held-out rows, from fits that did not see them. */
  logits: Float32Array;
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

/** One fit on the first `train` rows; the rest decides when to stop and is what later steps tune on. */
export async function fitWithValidation(
  data: LabelledFeatures,
  train: number,
  { taxonomy, dim, options, onEpoch, signal }: FitContext,
): Promise<HeldOutFit & { heldOutLoss: number }> {
  const rows = data.vectors.length / dim;
  const heldOut = selectLabelled(data, range(train, rows), dim);
  const report = (epoch: Epoch) => onEpoch?.(epoch, 1, 1);
  const fit = await fitModel(selectLabelled(data, range(0, train), dim), heldOut, taxonomy, dim, options, {
    onEpoch: report,
    signal,
  });
  const { bestEpoch } = fit;
  return {
    model: fit,
    bestEpoch,
    heldOut,
    logits: fit.heldOutLogits[bestEpoch - 1]!,
    heldOutLoss: fit.history[bestEpoch - 1]!.heldOutLoss!,
  };
}

export interface CrossValidated {
  /** Epochs that the folds needed on average. */
  bestEpoch: number;
  /** Logits [n, width] of every row, from a fit that did not see it, after `bestEpoch` epochs. */
  logits: Float32Array;
  /** Mean of the folds' least held-out losses. */
  loss: number;
}

/**
 * Fits on all folds but one, in turn.
 * @param articles The rows' articles: near-duplicates share a fold.
 * @param giveUp Asked after each fold with the losses so far; true ends the run early, and nothing is returned.
 */
export async function crossValidate(
  data: LabelledFeatures,
  articles: readonly Article[],
  { taxonomy, dim, options, onEpoch, signal }: FitContext,
  giveUp: (losses: readonly number[]) => boolean = () => false,
): Promise<CrossValidated | undefined> {
  const folds = assignFolds(articles, taxonomy, FOLDS, options.seed);
  const parts: { rows: number[]; logits: Float32Array[] }[] = [];
  const losses: number[] = [];
  let epochs = 0;
  for (let fold = 0; fold < FOLDS; fold++) {
    const rows = range(0, articles.length);
    const out = rows.filter((row) => folds[row] === fold);
    const rest = rows.filter((row) => folds[row] !== fold);
    const fit = await fitModel(
      selectLabelled(data, rest, dim),
      selectLabelled(data, out, dim),
      taxonomy,
      dim,
      options,
      { onEpoch: (epoch) => onEpoch?.(epoch, fold + 1, FOLDS + 1), signal },
    );
    fit.network.dispose();
    epochs += fit.bestEpoch / FOLDS;
    losses.push(fit.history[fit.bestEpoch - 1]!.heldOutLoss!);
    if (giveUp(losses)) return undefined;
    parts.push({ rows: out, logits: fit.heldOutLogits });
  }
  const bestEpoch = Math.max(1, Math.round(epochs));
  const width = parts[0]!.logits[0]!.length / parts[0]!.rows.length;
  const logits = new Float32Array(articles.length * width);
  for (const { rows, logits: byEpoch } of parts) {
    const own = byEpoch[Math.min(bestEpoch, byEpoch.length) - 1]!;
    for (const [i, row] of rows.entries()) logits.set(own.subarray(i * width, (i + 1) * width), row * width);
  }
  return { bestEpoch, logits, loss: losses.reduce((a, b) => a + b, 0) / FOLDS };
}

/** Cross-validation, then a last fit that uses all rows, for as many epochs as the folds needed on average. */
export async function fitWithFolds(
  data: LabelledFeatures,
  articles: readonly Article[],
  context: FitContext,
): Promise<HeldOutFit> {
  const { taxonomy, dim, options, onEpoch, signal } = context;
  const { bestEpoch, logits } = (await crossValidate(data, articles, context))!;
  const model = await fitModel(
    data,
    undefined,
    taxonomy,
    dim,
    { ...options, maxEpochs: bestEpoch },
    {
      onEpoch: (epoch) => onEpoch?.(epoch, FOLDS + 1, FOLDS + 1),
      signal,
    },
  );
  return { model, bestEpoch, heldOut: data, logits };
}
