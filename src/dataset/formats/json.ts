/**
 * JSON whose integers keep their digits: those that a double cannot hold (identifiers of social networks, say) are read
 * as `bigint` and written as they were.
 */

/** What stands for such an integer between two passes; U+0000 cannot stand in a JSON text itself. */
const MARK = '\0integer:';
const WRITTEN_MARK = /"\\u0000integer:(-?\d+)"/g;
/** Digits from which an integer may be more than a double holds. */
const LONG_INTEGER = /\d{16}/;
/** A string or a number of JSON, whole. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const INTEGER = /^-?\d{16,}$/;

/** @throws SyntaxError */
export function parseJson(text: string): unknown {
  if (!LONG_INTEGER.test(text)) return JSON.parse(text);
  const marked = text.replace(TOKEN, (token) =>
    !INTEGER.test(token) || Number.isSafeInteger(Number(token)) ? token : `"\\u0000integer:${token}"`,
  );
  return JSON.parse(marked, (_, value) =>
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
