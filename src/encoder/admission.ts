/** Who may join the queue: strict bounds on texts and tokens, and no one who would wait past the deadline anyway. */

import { RasidError } from '../errors.ts';

/** Work in texts and estimated tokens. */
export interface Load {
  texts: number;
  tokens: number;
}

export interface Admission {
  /**
   * @param wanted What a request adds to the queue.
   * @param waiting What stands in it.
   * @throws RasidError `overloaded`, with `details.retryAfter` in seconds; `request-too-large` where the request would
   *   not even fit into an empty queue.
   */
  check(wanted: Load, waiting: Load, deadline: number | undefined): void;
  /** For callers that would rather not read a request in vain. @throws RasidError `overloaded` where nothing more fits. */
  refuseIfFull(waiting: Load): void;
  /** Learns how fast the workers are: a batch of `tokens` took a worker `ms`. */
  observe(tokens: number, ms: number): void;
  /** Time the workers need for what waits, ms. */
  expectedWait(waiting: Load): number;
}

/** Characters (UTF-16 code units) of one token, about: 3.9 in Arabic news with the embedded encoder. */
const CHARACTERS_PER_TOKEN = 4;
/** Share of the deadline that a wait may be expected to take: the speed may fall meanwhile. */
const EXPECTED_SHARE = 0.5;
/** Tokens from which the speed counts as measured: the first text of all, a few words on a cold model, says nothing. */
const LEAST_SEEN = 500;
/** How much an earlier batch counts in the average speed, beside the one after it. */
const FADE = 0.9;

/** Tokens of a text, estimated before it is tokenised. Never more than are read. */
export const estimateTokens = (text: string, maxTokens: number) =>
  Math.min(maxTokens, Math.ceil(text.length / CHARACTERS_PER_TOKEN));

/** @param workers Batches that are encoded at the same time. */
export function createAdmission(bounds: Load, workers: number): Admission {
  const seen = { tokens: 0, ms: 0 };
  const expectedWait = ({ tokens }: Load) =>
    seen.tokens < LEAST_SEEN ? 0 : (tokens * seen.ms) / seen.tokens / workers;

  const overloaded = (waiting: Load) => {
    const retryAfter = Math.max(1, Math.ceil(expectedWait(waiting) / 1_000));
    return new RasidError('overloaded', `the queue is full: ${waiting.texts} texts wait`, {
      hint: `Come back in ${retryAfter} s.`,
      details: { retryAfter },
    });
  };

  return {
    expectedWait,
    refuseIfFull(waiting) {
      if (waiting.texts >= bounds.texts || waiting.tokens >= bounds.tokens) throw overloaded(waiting);
    },
    observe(tokens, ms) {
      seen.tokens = FADE * seen.tokens + tokens;
      seen.ms = FADE * seen.ms + ms;
    },
    check(wanted, waiting, deadline) {
      if (wanted.texts > bounds.texts || wanted.tokens > bounds.tokens) {
        throw new RasidError(
          'request-too-large',
          `${wanted.texts} texts of about ${wanted.tokens} tokens are more than the queue of ${bounds.texts} texts and ${bounds.tokens} tokens holds`,
          { hint: 'Send fewer texts at once, or use POST /classify/batch.' },
        );
      }
      const isLate = deadline !== undefined && expectedWait(waiting) > EXPECTED_SHARE * deadline;
      const isOver =
        waiting.texts + wanted.texts > bounds.texts || waiting.tokens + wanted.tokens > bounds.tokens;
      if (isLate || isOver) throw overloaded(waiting);
    },
  };
}
