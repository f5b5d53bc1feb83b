/** A classifier ready for use: features in, predictions out. */

import type { Taxonomy } from '../dataset/taxonomy.ts';
import type { EncoderIdentity } from '../encoder/identity.ts';
import { identityKey } from '../encoder/identity.ts';
import { RasidError } from '../errors.ts';
import type { BundleContent, Manifest } from './bundle.ts';
import { calibrate } from './calibration.ts';
import { similarities } from './familiarity.ts';
import type { Features } from './features.ts';
import { createForward } from './forward.ts';
import { predictLogits, splitHeads } from './network.ts';
import { addQuantisedLogits, quantise } from './quantise.ts';
import { createNgramWeigher, noNgrams } from './tfidf.ts';

export interface ScoredLabel {
  id: string;
  /** Calibrated probability, 0 to 1. */
  score: number;
}

export interface HeadPrediction {
  /** Multi-label: every label at or over its threshold, best first. One-of: the most likely label. */
  accepted: ScoredLabel[];
  /** Every label of the head, in the taxonomy's order. */
  scores: ScoredLabel[];
}

export interface Prediction {
  /** By head id. */
  heads: Record<string, HeadPrediction>;
  /** Whether the classifier holds back, and why. The scores are given all the same. */
  abstains: boolean;
  reasons: ('unfamiliar' | 'no-label')[];
  /** Cosine similarity to the nearest label of the training data. */
  similarity: number;
}

export interface Classifier {
  readonly taxonomy: Taxonomy;
  /** Names this very model: sha256 of its manifest. */
  readonly id: string;
  readonly encoder: EncoderIdentity;
  /** What the classifier reads of texts: their vectors [n, dim] and their n-grams. */
  features(texts: readonly string[], vectors: Float32Array): Features;
  /** Logits [n, labels] of each head, in the taxonomy's order: what calibration turns into probabilities. */
  logits(features: Features): Float32Array[];
  /** Probabilities [n, labels] of each head, in the taxonomy's order. */
  probabilities(features: Features): Float32Array[];
  /** One prediction per text. */
  classify(features: Features): Prediction[];
}

/** What a classifier needs of a bundle, saved or not. */
export interface ClassifierParts extends BundleContent {
  manifest: Pick<Manifest, 'taxonomy' | 'encoder' | 'heads' | 'minimumSimilarity' | 'ngrams'>;
  id: string;
}

/** Up to so many rows plain arithmetic is faster than TensorFlow.js. */
const FEW_ROWS = 16;

/**
 * A classifier over a bundle.
 * @param encoder Identity of the encoder whose vectors will be given.
 * @throws RasidError `bundle-mismatch` where the bundle was trained on vectors of another encoder.
 */
export function openClassifier(bundle: ClassifierParts, encoder: EncoderIdentity): Classifier {
  const { manifest, tfidf, centroids, id } = bundle;
  const { taxonomy, minimumSimilarity } = manifest;
  if (identityKey(manifest.encoder) !== identityKey(encoder)) {
    const differs = (Object.keys(encoder) as (keyof EncoderIdentity)[]).filter(
      (key) => key !== 'name' && manifest.encoder[key] !== encoder[key],
    );
    throw new RasidError(
      'bundle-mismatch',
      `the classifier was trained with encoder ${manifest.encoder.name}, not with ${encoder.name}: ${differs.join(', ')} differ`,
      { hint: 'Use the encoder and encoder settings of training, or train again with this encoder.' },
    );
  }
  const { dim } = encoder;

  const weigh = tfidf && createNgramWeigher(tfidf, manifest.ngrams?.mostPerText);
  const features = (texts: readonly string[], vectors: Float32Array): Features => ({
    vectors,
    ngrams: weigh ? weigh(texts) : noNgrams(texts.length),
  });

  const forward = createForward(bundle.network, dim);
  const wide = quantise(bundle.wide);

  function logits(of: Features): Float32Array[] {
    const isFew = of.vectors.length <= FEW_ROWS * dim;
    const all = isFew ? forward(of.vectors) : predictLogits(bundle.network, of.vectors, dim);
    addQuantisedLogits(of.ngrams, wide, all);
    return splitHeads(all, taxonomy);
  }

  const probabilities = (of: Features): Float32Array[] =>
    logits(of).map((own, i) => calibrate(own, taxonomy.heads[i]!, manifest.heads[i]!.calibration));

  function headPrediction(row: number, i: number, probability: Float32Array): HeadPrediction {
    const head = taxonomy.heads[i]!;
    const width = head.labels.length;
    const scores = head.labels.map(({ id: label }, k) => ({
      id: label,
      score: probability[row * width + k]!,
    }));
    const { thresholds } = manifest.heads[i]!;
    const accepted =
      head.kind === 'one-of'
        ? [scores.reduce((best, scored) => (scored.score > best.score ? scored : best))]
        : scores.filter(({ score }, k) => score >= thresholds[k]!).sort((a, b) => b.score - a.score);
    return { accepted, scores };
  }

  function classify(of: Features): Prediction[] {
    const all = probabilities(of);
    return Array.from(similarities(of.vectors, centroids, dim), (similarity, row) => {
      const heads = Object.fromEntries(
        taxonomy.heads.map((head, i) => [head.id, headPrediction(row, i, all[i]!)] as const),
      );
      const reasons: Prediction['reasons'] = [];
      if (similarity < minimumSimilarity) reasons.push('unfamiliar');
      if (Object.values(heads).some(({ accepted }) => accepted.length === 0)) reasons.push('no-label');
      return { heads, abstains: reasons.length > 0, reasons, similarity };
    });
  }

  return { taxonomy, id, encoder, features, logits, probabilities, classify };
}
