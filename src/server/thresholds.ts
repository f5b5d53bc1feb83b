/** Thresholds that a request sets for itself. */

import type { Answer, Pipeline } from '../classifier/pipeline.ts';
import { RasidError } from '../errors.ts';
import type { AnswerOptions } from './schemas.ts';

type Threshold = NonNullable<AnswerOptions['threshold']>;

/** @throws RasidError `label-unknown`, naming the labels that no multi-label head has. */
export function checkThreshold(threshold: Threshold, { classifier }: Pick<Pipeline, 'classifier'>): void {
  if (typeof threshold === 'number') return;
  const heads = classifier.taxonomy.heads.filter(({ kind }) => kind === 'multi-label');
  const known = new Set(heads.flatMap(({ labels }) => labels.map(({ id }) => id)));
  const unknown = Object.keys(threshold).filter((id) => !known.has(id));
  if (unknown.length === 0) return;
  throw new RasidError('label-unknown', `threshold: no such label: ${unknown.slice(0, 5).join(', ')}`, {
    hint: 'GET /info lists the labels. A one-of head has no thresholds.',
  });
}

/** The answer as it is under other thresholds; a label that is not named keeps its own. */
export function applyThreshold(
  answer: Answer,
  threshold: Threshold,
  { classifier, manifest }: Pick<Pipeline, 'classifier' | 'manifest'>,
): Answer {
  const heads = { ...answer.heads };
  for (const [i, head] of classifier.taxonomy.heads.entries()) {
    if (head.kind === 'one-of') continue;
    const { scores } = answer.heads[head.id]!;
    const least = (id: string, k: number) =>
      typeof threshold === 'number' ? threshold : (threshold[id] ?? manifest.heads[i]!.thresholds[k]!);
    const accepted = scores
      .filter(({ id, score }, k) => score >= least(id, k))
      .sort((a, b) => b.score - a.score);
    heads[head.id] = { accepted, scores };
  }
  const isEmpty = Object.values(heads).some(({ accepted }) => accepted.length === 0);
  const reasons = [
    ...answer.reasons.filter((reason) => reason !== 'no-label'),
    ...(isEmpty ? (['no-label'] as const) : []),
  ];
  return { ...answer, heads, reasons, abstains: reasons.length > 0 };
}
