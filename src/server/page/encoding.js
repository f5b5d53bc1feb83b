/**
 * Recognises the encoding of a dropped file, as `src/dataset/formats/encoding.ts` does for the commands: byte order marks
 * decide; without one, UTF-16 shows by its high bytes, UTF-8 by its validity, Windows-1256 by the Arabic letters it
 * decodes to. Windows-1256 reads UTF-8 as Arabic letters too, so a UTF-8 file with a damaged byte is refused as such.
 */

const UTF16_SHARE = 0.5;
/** Share of undecodable characters among all that are not ASCII up to which a file is damaged UTF-8. */
const DAMAGED_SHARE = 0.1;
const ARABIC_SHARE = 0.5;

const MARKS = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

export const ENCODING_NAMES = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16 LE',
  'utf-16be': 'UTF-16 BE',
  'windows-1256': 'Windows-1256',
};

/** Share of bytes at every second place that are the high byte of an ASCII or Arabic character. */
function highByteShare(bytes, start) {
  let [high, places] = [0, 0];
  for (let i = start; i < bytes.length; i += 2) {
    places += 1;
    if (bytes[i] === 0x00 || bytes[i] === 0x06) high += 1;
  }
  return places === 0 ? 0 : high / places;
}

/** The text, or undefined where the bytes are not valid in the encoding. */
function decode(bytes, encoding) {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const count = (text, pattern) => text.match(pattern)?.length ?? 0;

function isDamagedUtf8(bytes) {
  const text = new TextDecoder('utf-8').decode(bytes);
  return count(text, /\ufffd/g) <= DAMAGED_SHARE * count(text, /\P{ASCII}/gu);
}

function readWindows1256(bytes) {
  const text = decode(bytes, 'windows-1256');
  const isText = text !== undefined && !/(?![\t\n\f\r])\p{Cc}/u.test(text);
  const [letters, arabic] = isText
    ? [count(text, /(?=\P{ASCII})\p{L}/gu), count(text, /(?=\p{Script=Arabic})\p{L}/gu)]
    : [0, 0];
  return arabic > 0 && arabic >= ARABIC_SHARE * letters ? text : undefined;
}

/** @returns `{text, encoding}`, or `{failure}`: `fileDamaged` or `fileEncoding`. */
export function decodeFile(bytes) {
  const marked = MARKS.find(([, mark]) => mark.every((byte, i) => bytes[i] === byte))?.[0];
  const [even, odd] = [highByteShare(bytes, 0), highByteShare(bytes, 1)];
  const isUtf16 =
    bytes.length >= 2 && Math.max(even, odd) >= UTF16_SHARE && Math.min(even, odd) < UTF16_SHARE / 2;
  const encoding = marked ?? (isUtf16 ? (odd > even ? 'utf-16le' : 'utf-16be') : 'utf-8');
  const text = decode(bytes, encoding);
  if (text !== undefined) return { text, encoding };
  if (encoding !== 'utf-8') return { failure: 'fileEncoding' };
  if (marked === 'utf-8' || isDamagedUtf8(bytes)) return { failure: 'fileDamaged' };
  const windows = readWindows1256(bytes);
  return windows === undefined ? { failure: 'fileEncoding' } : { text: windows, encoding: 'windows-1256' };
}
