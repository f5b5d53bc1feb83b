/**
 * JSON whose integers keep their digits: those that a double cannot hold (identifiers of social networks, say) are read
 * as `bigint` and written as they were.
 */

import { randomUUID } from 'node:crypto';

/** What stands for such an integer between two passes: no text holds it by chance. */
const MARK = `integer-${randomUUID()}:`;
const WRITTEN_MARK = new RegExp(`"${MARK}(-?\\d+)"`, 'g');
/** Digits from which an integer may be more than a double holds. */
const LONG_INTEGER = /\d{16}/;
/** A number of JSON, whole. */
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const INTEGER = /^-?\d{16,}$/;

const markNumber = (number: string) =>
  !INTEGER.test(number) || String(Number(number)) === number ? number : `"${MARK}${number}"`;

/** Where the string that opens at `start` ends: behind its closing quote. */
function stringEnd(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text[at - 1 - escapes] === '\\') escapes += 1;
    if (escapes % 2 === 0) return at + 1;
  }
  return text.length;
}

/** The text with a mark around each long integer outside of strings. By hand: no regular expression takes strings of any length. */
function markIntegers(text: string): string {
  let marked = '';
  let at = 0;
  while (at < text.length) {
    const quote = text.indexOf('"', at);
    const end = quote < 0 ? text.length : quote;
    marked += text.slice(at, end).replace(NUMBER, markNumber);
    at = quote < 0 ? end : stringEnd(text, quote);
    marked += text.slice(end, at);
  }
  return marked;
}

/** @throws SyntaxError */
export function parseJson(text: string): unknown {
  if (!LONG_INTEGER.test(text)) return JSON.parse(text);
  return JSON.parse(markIntegers(text), (_, value) =>
    typeof value === 'string' && value.startsWith(MARK) ? BigInt(value.slice(MARK.length)) : value,
  );
}

/** Bytes as Base64; dates are in ISO 8601 already. */
const replace = (_: string, value: unknown) =>
  typeof value === 'bigint'
    ? `${MARK}${value}`
    : value instanceof Uint8Array
      ? Buffer.from(value).toString('base64')
      : value;

const isPlain = (value: unknown) =>
  value === null || (typeof value !== 'object' && typeof value !== 'bigint') || Array.isArray(value);

/** The same as `JSON.stringify`, with `bigint` as digits and bytes as Base64. */
export function formatJson(value: unknown): string {
  // The common case is several times faster without a replacer; a bigint in an array throws.
  const values = typeof value === 'object' && value !== null ? Object.values(value) : [value];
  if (values.every(isPlain)) {
    try {
      return JSON.stringify(value);
    } catch {
      // Written below.
    }
  }
  return JSON.stringify(value, replace).replace(WRITTEN_MARK, '$1');
}
