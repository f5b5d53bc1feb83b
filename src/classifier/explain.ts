/**
 * Which sentences moved each label, by occlusion (Zeiler and Fergus 2014; Robinson and Kononenko 2008): a sentence's
 * effect is the label's probability with it less the probability without it.
 *
 * Sentences are encoded once each, on their own, so that an explanation costs one more pass over the text. A text's
 * vector is put together from theirs, weighted by tokens, as the encoder's mean pooling does; leaving a sentence out takes its
 * share away again. Its n-grams are left out exactly.
 */

import type { EncodeCallOptions, Encoder } from '../encoder/encoder.ts';
import { type Sentence, splitSentences } from '../text/sentences.ts';
import type { Classifier } from './classifier.ts';

export interface ExplainedSentence extends Sentence {
  text: string;
}

export interface Explanation {
  /** In the text's order; of a long text some together, at most `MOST_PIECES` pieces. */
  sentences: ExplainedSentence[];
  /** For each head in the taxonomy's order: effects row-major [labels, sentences], −1 to 1. Positive: speaks for it. */
  effects: Float32Array[];
}

/** Each piece is one more classification of the text. */
export const MOST_PIECES = 64;

/** Whose n-grams are counted before the event loop has its turn. */
const CHARACTERS_AT_ONCE = 50_000;

/** Neighbouring sentences of one text, together where there are more than `MOST_PIECES`. */
function pieces(text: string): ExplainedSentence[] {
  const sentences = splitSentences(text);
  const together = Math.ceil(sentences.length / MOST_PIECES);
  return Array.from({ length: Math.ceil(sentences.length / together) || 0 }, (_, i) => {
    const own = sentences.slice(i * together, (i + 1) * together);
    const [start, end] = [own[0]!.start, own.at(-1)!.end];
    return { start, end, text: text.slice(start, end) };
  });
}

/** Unit vector of the weighted rows' sum, without row `left`. A text of that one row keeps no direction: zeros. */
function poolWithout(
  rows: Float32Array,
  weights: readonly number[],
  left: number,
  dim: number,
): Float32Array {
  const sum = new Float32Array(dim);
  for (const [i, weight] of weights.entries()) {
    if (i === left) continue;
    for (let d = 0; d < dim; d++) sum[d]! += weight * rows[i * dim + d]!;
  }
  const norm = Math.hypot(...sum);
  return norm > 0 ? sum.map((x) => x / norm) : sum;
}

/** Probabilities [n, labels] of each head, in parts, so that a server's event loop goes on between them. */
async function probabilitiesOf(
  classifier: Classifier,
  texts: readonly string[],
  vectors: Float32Array,
): Promise<Float32Array[]> {
  const { dim } = classifier.encoder;
  const { heads } = classifier.taxonomy;
  const all = heads.map(({ labels }) => new Float32Array(texts.length * labels.length));
  const atOnce = Math.max(1, Math.floor((CHARACTERS_AT_ONCE * texts.length) / texts.join('').length));
  for (let start = 0; start < texts.length; start += atOnce) {
    const part = texts.slice(start, start + atOnce);
    const own = vectors.subarray(start * dim, (start + part.length) * dim);
    for (const [i, scores] of classifier.probabilities(classifier.features(part, own)).entries())
      all[i]!.set(scores, start * heads[i]!.labels.length);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return all;
}

/**
 * Explains the classifier's probabilities of each text.
 * @throws RasidError of `Encoder.encode`.
 */
export async function explainTexts(
  texts: readonly string[],
  { classifier, encoder }: { classifier: Classifier; encoder: Pick<Encoder, 'encode'> },
  options?: EncodeCallOptions,
): Promise<Explanation[]> {
  const { dim, maxTokens } = classifier.encoder;
  const parts = texts.map(pieces);
  const { vectors, tokens } = await encoder.encode(
    parts.flatMap((own) => own.map(({ text }) => text)),
    options,
  );
  const explanations: Explanation[] = [];
  let first = 0;
  for (const [i, sentences] of parts.entries()) {
    const text = texts[i]!;
    const rows = vectors.subarray(first * dim, (first + sentences.length) * dim);
    let read = 0;
    const weights = tokens.slice(first, first + sentences.length).map((count) => {
      const room = Math.max(0, maxTokens - read);
      read += count;
      return Math.min(count, room);
    });
    first += sentences.length;

    // Row 0 is the whole text, row k + 1 the text without sentence k.
    const variants = [text, ...sentences.map(({ start, end }) => text.slice(0, start) + text.slice(end))];
    const pooled = new Float32Array(variants.length * dim);
    for (const row of variants.keys()) pooled.set(poolWithout(rows, weights, row - 1, dim), row * dim);
    const probabilities = await probabilitiesOf(classifier, variants, pooled);
    const effects = probabilities.map((own) => {
      const labels = own.length / variants.length;
      return Float32Array.from({ length: labels * sentences.length }, (_, at) => {
        const [label, sentence] = [Math.floor(at / sentences.length), at % sentences.length];
        return own[label]! - own[(sentence + 1) * labels + label]!;
      });
    });
    explanations.push({ sentences, effects });
  }
  return explanations;
}
