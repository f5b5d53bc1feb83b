/** The mistakes a classifier was surest of: the first to read, be the fault the model's or the label's. */

import type { ExplainedSentence, Explanation } from '../classifier/explain.ts';
import type { HeadTargets } from '../classifier/targets.ts';
import { type Article, articleText } from '../dataset/article.ts';
import type { Taxonomy } from '../dataset/taxonomy.ts';

/** A sentence of the text, `text.slice(start, end)`, and how far it moves the label's probability: −1 to 1. */
export interface DrivingSentence extends ExplainedSentence {
  effect: number;
}

/** Explains texts: one explanation each. */
export type Explain = (texts: readonly string[]) => Promise<Explanation[]>;

export interface Mistake {
  id: string;
  /** Title and text, as the classifier reads them. */
  text: string;
  /** The label that was given wrongly, or missed. */
  label: string;
  kind: 'false-positive' | 'false-negative';
  /** Of the label, 0 to 1. */
  probability: number;
  /** Label ids of the whole head: as the data has them, and as the classifier decided. */
  actual: string[];
  decided: string[];
  /** Where mistakes are explained. */
  sentences?: DrivingSentence[];
}

/** Mistakes listed of each kind. */
const MOST = 10;

/**
 * The mistakes of a head furthest from the truth by their probability, labels given wrongly before labels missed. In a
 * one-of head the label missed is the other side of the label given, so it is not listed again.
 */
export function confidentMistakes(
  probabilities: Float32Array,
  decisions: Uint8Array,
  { head, labels, known }: HeadTargets,
  articles: readonly Article[],
): Mistake[] {
  const width = head.labels.length;
  const named = (from: Uint8Array, row: number) =>
    head.labels.flatMap(({ id }, k) => (from[row * width + k] ? [id] : []));
  const list = (kind: Mistake['kind']): Mistake[] => {
    const wanted = kind === 'false-positive' ? 1 : 0;
    const found: { at: number; gap: number }[] = [];
    for (let at = 0; at < decisions.length; at++) {
      if (!known[Math.floor(at / width)] || decisions[at] !== wanted || labels[at] === wanted) continue;
      found.push({ at, gap: Math.abs(probabilities[at]! - labels[at]!) });
    }
    found.sort((a, b) => b.gap - a.gap);
    return found.slice(0, MOST).map(({ at }) => {
      const row = Math.floor(at / width);
      const article = articles[row]!;
      return {
        id: article.id,
        text: articleText(article),
        label: head.labels[at % width]!.id,
        kind,
        probability: probabilities[at]!,
        actual: named(labels, row),
        decided: named(decisions, row),
      };
    });
  };
  return [...list('false-positive'), ...(head.kind === 'one-of' ? [] : list('false-negative'))];
}

/** Adds to each mistake of a head the sentences that drove its label, in the text's order. */
export async function explainMistakes(
  head: string,
  mistakes: readonly Mistake[],
  taxonomy: Taxonomy,
  explain: Explain,
): Promise<Mistake[]> {
  if (mistakes.length === 0) return [];
  const index = taxonomy.heads.findIndex(({ id }) => id === head);
  const explanations = await explain(mistakes.map(({ text }) => text));
  return mistakes.map((mistake, i) => {
    const { sentences, effects } = explanations[i]!;
    const label = taxonomy.heads[index]!.labels.findIndex(({ id }) => id === mistake.label);
    const own = effects[index]!.subarray(label * sentences.length, (label + 1) * sentences.length);
    return { ...mistake, sentences: sentences.map((sentence, k) => ({ ...sentence, effect: own[k]! })) };
  });
}
