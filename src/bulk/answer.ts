/** Answers blocks: labels by a pipeline, or vectors by its encoder. A text that the encoder dies of fails alone. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Answer, ngramText, type Pipeline } from '../classifier/pipeline.ts';
import type { Encoder } from '../encoder/encoder.ts';
import { identityKey } from '../encoder/identity.ts';
import { RasidError } from '../errors.ts';
import { looksLikeHtml } from '../text/content.ts';
import type { AnswerBlock, Block, Outcome } from './block.ts';
import { rowText, type TextColumns } from './text.ts';

/** What the encoder says of one text. */
interface EncodedText {
  vector: Float32Array;
  tokens: number;
  truncated: boolean;
}
type Failed = Extract<Outcome, { code: unknown }>;

/** Texts classified in one call, about 25 ms: always the same ones together, so that a run repeats to the byte. */
const TURN = 64;
/** Texts of one block that the encoder may die of; more, and the encoder itself is at fault. */
const MOST_POISON = 4;

/** Texts that the encoder hands to a worker at once. */
const CHUNK_TEXTS = 32;

/**
 * Encodes one block after the other, each from the moment when the workers take the last texts of the one before: none
 * of them waits, and blocks are ready one by one, so that one is classified while the next is encoded.
 */
function createRelay(encoder: Encoder, signal: AbortSignal | undefined): Encoder['encode'] {
  const last = encoder.workers * CHUNK_TEXTS;
  let before = Promise.resolve();
  return async (texts) => {
    const turn = before;
    let passOn = () => {};
    before = new Promise((resolve) => {
      passOn = resolve;
    });
    try {
      await turn;
      signal?.throwIfAborted();
      if (texts.length <= last) passOn();
      return await encoder.encode(texts, {
        ...(signal === undefined ? {} : { signal }),
        onProgress: (done, total) => total - done <= last && passOn(),
      });
    } finally {
      passOn();
    }
  };
}

/** Encodes texts; where workers die, finds the texts they die of by halves. */
function createIsolatingEncoder(encoder: Encoder, signal: AbortSignal | undefined) {
  const { dim } = encoder.identity;
  const relay = createRelay(encoder, signal);

  async function encodeAll(texts: readonly string[]): Promise<EncodedText[]> {
    const { vectors, tokens, truncated } = await relay(texts);
    return texts.map((_, i) => ({
      vector: vectors.subarray(i * dim, (i + 1) * dim),
      tokens: tokens[i]!,
      truncated: truncated[i]!,
    }));
  }

  return async (all: readonly string[]): Promise<(EncodedText | Failed)[]> => {
    let poison = 0;
    async function encode(texts: readonly string[], isAgain = false): Promise<(EncodedText | Failed)[]> {
      try {
        return await encodeAll(texts);
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof RasidError) || error.code !== 'worker-failed') throw error;
        if (texts.length === 1 && isAgain) {
          poison += 1;
          if (poison > MOST_POISON) throw error;
          return [{ code: 'worker-failed', reason: 'the encoder stopped twice while reading this text' }];
        }
      }
      if (texts.length === 1) return encode(texts, true);
      const half = Math.ceil(texts.length / 2);
      return [...(await encode(texts.slice(0, half))), ...(await encode(texts.slice(half)))];
    }
    return encode(all);
  };
}

/** Turns what could be read of a block's rows into outcomes, and leaves the reasons of the others in their places. */
async function answerRows(
  { rows }: Block,
  columns: TextColumns,
  answer: (texts: readonly string[]) => Promise<Outcome[]>,
): Promise<Outcome[]> {
  const read = rows.map((row) => rowText(row.columns, columns));
  const texts = read.flatMap((one) => ('text' in one ? [one.text] : []));
  const answered = texts.length === 0 ? [] : await answer(texts);
  let next = 0;
  return read.map((one) => ('text' in one ? answered[next++]! : one));
}

/**
 * Answers blocks with labels. Results do not depend on which blocks are under way at the same time.
 * The promise rejects with the signal's reason, or with RasidError `worker-failed` where no text can be encoded.
 */
export function answerWithLabels(
  { classifier, encoder }: Pick<Pipeline, 'classifier' | 'encoder'>,
  columns: TextColumns,
  signal?: AbortSignal,
): AnswerBlock {
  const encode = createIsolatingEncoder(encoder, signal);
  const { dim, maxTokens } = encoder.identity;

  async function label(texts: readonly string[]): Promise<Outcome[]> {
    const encoded = await encode(texts);
    const outcomes: Outcome[] = [];
    for (let start = 0; start < texts.length; start += TURN) {
      const part = encoded.slice(start, start + TURN);
      const good = part.flatMap((one, i) => ('vector' in one ? [{ ...one, text: texts[start + i]! }] : []));
      const vectors = new Float32Array(good.length * dim);
      for (const [i, { vector }] of good.entries()) vectors.set(vector, i * dim);
      const read = good.map(({ text }) => ngramText(text, maxTokens));
      const predictions = good.length === 0 ? [] : classifier.classify(classifier.features(read, vectors));
      const answers = good.map(({ text, tokens, truncated }, i): { prediction: Answer } => ({
        prediction: { ...predictions[i]!, tokens, truncated, html: looksLikeHtml(text) },
      }));
      for (const one of part) outcomes.push('vector' in one ? answers.shift()! : one);
      await nextTurn();
    }
    return outcomes;
  }

  return async (block) => ({
    index: block.index,
    model: classifier.id,
    outcomes: await answerRows(block, columns, label),
  });
}

/** The same with the encoder's vectors instead of labels. */
export function answerWithVectors(encoder: Encoder, columns: TextColumns, signal?: AbortSignal): AnswerBlock {
  const encode = createIsolatingEncoder(encoder, signal);
  const embed = async (texts: readonly string[]): Promise<Outcome[]> =>
    (await encode(texts)).map((one) =>
      'vector' in one ? { vector: one.vector.slice(), truncated: one.truncated } : one,
    );
  return async (block) => ({
    index: block.index,
    model: identityKey(encoder.identity),
    outcomes: await answerRows(block, columns, embed),
  });
}
