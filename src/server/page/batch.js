/** Classifies many records: as few requests as the service's limits allow, one after the other. */

import { classify, ServiceError } from './service.js';

/** Where `/info` tells no limits. */
const DEFAULT_LIMITS = { texts: 64, bodyBytes: 1_000_000 };
/** Share of the longest body that a request fills: names and brackets take some. */
const FILLED = 0.9;
const ATTEMPTS = 6;
const LONGEST_WAIT = 60;

const bytes = (text) => new TextEncoder().encode(JSON.stringify(text)).length + 1;

/** Records in requests' worth: at most so many texts, and so many bytes unless one text alone is longer. */
export function divide(records, limits = {}) {
  const { texts, bodyBytes } = { ...DEFAULT_LIMITS, ...limits };
  const parts = [];
  let [part, size] = [[], 0];
  for (const record of records) {
    const length = bytes(record.text);
    if (part.length > 0 && (part.length >= texts || size + length > bodyBytes * FILLED)) {
      parts.push(part);
      [part, size] = [[], 0];
    }
    part.push(record);
    size += length;
  }
  return part.length === 0 ? parts : [...parts, part];
}

const pause = (seconds, signal) =>
  new Promise((resolve, reject) => {
    const end = () => reject(new DOMException('stopped', 'AbortError'));
    if (signal.aborted) return end();
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        end();
      },
      { once: true },
    );
  });

/** Asks again while the service is busy and says when to come back. */
async function ask(texts, signal) {
  for (let attempt = 1; ; attempt++) {
    try {
      return (await classify({ texts }, signal)).results;
    } catch (error) {
      const canWait = error instanceof ServiceError && error.retryAfter !== undefined && attempt < ATTEMPTS;
      if (!canWait) throw error;
      await pause(Math.min(error.retryAfter, LONGEST_WAIT), signal);
    }
  }
}

/** Refusals that concern the texts of a request: with fewer texts, the others pass. */
const concernsTexts = (error) =>
  error instanceof ServiceError && [400, 413, 422].includes(error.problem.status);

async function* classifyPart(part, signal) {
  try {
    const results = await ask(
      part.map(({ text }) => text),
      signal,
    );
    yield part.map((record, i) => ({ record, answer: results[i] }));
  } catch (error) {
    if (!concernsTexts(error)) throw error;
    if (part.length === 1) {
      yield [{ record: part[0], problem: error.problem }];
      return;
    }
    const middle = part.length >> 1;
    yield* classifyPart(part.slice(0, middle), signal);
    yield* classifyPart(part.slice(middle), signal);
  }
}

/**
 * Yields lists of `{record, answer}` or `{record, problem}`; a text that the service refuses does not stop the others.
 * @throws ServiceError that concerns every text (a key is missing, nobody answers); AbortError.
 */
export async function* classifyAll(records, limits, signal) {
  for (const part of divide(records, limits)) yield* classifyPart(part, signal);
}
