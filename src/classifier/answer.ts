/** An answer as it leaves the program: in the HTTP API, from `npm run predict`, in files. */

import type { Head } from '../dataset/taxonomy.ts';
import type { Classifier, ScoredLabel } from './classifier.ts';
import type { Answer, Pipeline } from './pipeline.ts';

export interface NamedLabel {
  id: string;
  name: { ar: string; en: string };
  /** Calibrated probability, 0 to 1, to four decimals. */
  score: number;
}

export interface HeadAnswer {
  /** A list for a multi-label head, one label for a one-of head. */
  accepted: NamedLabel[] | NamedLabel;
  /** Every label's score. */
  scores: Record<string, number>;
}

/** What each sentence did for one label. */
export interface LabelExplanation {
  head: string;
  label: string;
  /** In the text's order; offsets in UTF-16 code units. */
  sentences: {
    text: string;
    start: number;
    end: number;
    /** The label's probability with the sentence less the probability without it, −1 to 1, to four decimals. */
    effect: number;
  }[];
}

export interface WrittenAnswer {
  heads: Record<string, HeadAnswer>;
  abstains: boolean;
  reasons: string[];
  tokens: number;
  truncated: boolean;
  html: boolean;
  model: string;
  explanation?: LabelExplanation[];
}

const rounded = (x: number) => Math.round(x * 1e4) / 1e4;

function writeHead(head: Head, accepted: ScoredLabel[], scores: ScoredLabel[]): HeadAnswer {
  const named = accepted.map(({ id, score }) => {
    const { name } = head.labels.find((label) => label.id === id)!;
    return { id, name, score: rounded(score) };
  });
  return {
    accepted: head.kind === 'one-of' ? named[0]! : named,
    scores: Object.fromEntries(scores.map(({ id, score }) => [id, rounded(score)])),
  };
}

/** For each accepted label; where none is, for the likeliest. */
function writeExplanation({ heads, explanation }: Answer, { taxonomy }: Classifier): LabelExplanation[] {
  return taxonomy.heads.flatMap(({ id: head }, i) => {
    const { accepted, scores } = heads[head]!;
    const likeliest = scores.reduce((a, b) => (b.score > a.score ? b : a));
    return (accepted.length > 0 ? accepted : [likeliest]).map(({ id: label }) => {
      const first = scores.findIndex(({ id }) => id === label) * explanation!.sentences.length;
      const sentences = explanation!.sentences.map((sentence, s) => ({
        ...sentence,
        effect: rounded(explanation!.effects[i]![first + s]!),
      }));
      return { head, label, sentences };
    });
  });
}

/** Adds the labels' names and the model's identity. */
export function writeAnswer(answer: Answer, { classifier }: Pick<Pipeline, 'classifier'>): WrittenAnswer {
  const heads = classifier.taxonomy.heads.map((head) => {
    const { accepted, scores } = answer.heads[head.id]!;
    return [head.id, writeHead(head, accepted, scores)] as const;
  });
  const { abstains, reasons, tokens, truncated, html } = answer;
  return {
    heads: Object.fromEntries(heads),
    abstains,
    reasons,
    tokens,
    truncated,
    html,
    model: classifier.id,
    ...(answer.explanation ? { explanation: writeExplanation(answer, classifier) } : {}),
  };
}
