/** From texts and options to answers as they are sent. */

import { type WrittenAnswer, writeAnswer } from '../classifier/answer.ts';
import type { Answer } from '../classifier/pipeline.ts';
import type { EncodeTiming } from '../encoder/encoder.ts';
import type { Metrics } from './metrics.ts';
import type { Model } from './models.ts';
import type { AnswerOptions } from './schemas.ts';
import { applyThreshold, checkThreshold } from './thresholds.ts';

export type SentAnswer = Omit<WrittenAnswer, 'heads'> & {
  heads: Record<string, Omit<WrittenAnswer['heads'][string], 'scores'> & { scores?: Record<string, number> }>;
};

export interface Wait {
  signal: AbortSignal;
  /** ms */
  deadline: number;
  onTimed?: (timing: EncodeTiming) => void;
}

/** @throws RasidError of the queue, `text-unreadable`, `label-unknown`. */
export async function answerTexts(
  { pipeline }: Model,
  texts: readonly string[],
  { threshold, explain, return_all_scores: allScores }: AnswerOptions,
  wait: Wait,
  metrics: Metrics,
): Promise<SentAnswer[]> {
  if (threshold !== undefined) checkThreshold(threshold, pipeline);
  const answers: Answer[] = await pipeline.classify(texts, { ...wait, explain });
  metrics.onAnswers(answers);
  return answers.map((answer) => {
    const written = writeAnswer(
      threshold === undefined ? answer : applyThreshold(answer, threshold, pipeline),
      pipeline,
    );
    return allScores ? written : withoutScores(written);
  });
}

function withoutScores(answer: WrittenAnswer): SentAnswer {
  const heads = Object.entries(answer.heads).map(([id, { scores: _, ...head }]) => [id, head] as const);
  return { ...answer, heads: Object.fromEntries(heads) };
}
