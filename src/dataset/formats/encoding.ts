/**
 * Recognises the encoding of a text file from its beginning. Byte order marks decide. Without one, UTF-16 shows by its
 * high bytes (0x00 and 0x06 in every second place for Latin and Arabic script; UTF-16 Arabic is valid UTF-8, so this
 * comes first), UTF-8 by its validity, and Windows-1256 by the Arabic letters it decodes to.
 */

import { arabicShare } from '../../text/content.ts';

export const TEXT_ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1256'] as const;
export type TextEncodingName = (typeof TEXT_ENCODINGS)[number];

/** Bytes looked at. */
export const SAMPLE_BYTES = 2 ** 18;
/** Share of high bytes in one half of the places that speaks for UTF-16. */
const UTF16_SHARE = 0.5;

const MARKS: readonly [TextEncodingName, readonly number[]][] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/** Share of bytes at every second place, from `start`, that are the high byte of an ASCII or Arabic character. */
function highByteShare(sample: Uint8Array, start: number): number {
  let high = 0;
  let places = 0;
  for (let i = start; i < sample.length; i += 2) {
    places += 1;
    if (sample[i] === 0x00 || sample[i] === 0x06) high += 1;
  }
  return places === 0 ? 0 : high / places;
}

const strictDecoder = () => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** One for all lines: each holds memory outside of the heap until it is collected. */
let utf8 = strictDecoder();

/** @returns The text, or undefined where the bytes are not valid UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    // Nothing of the damaged bytes may stay behind in it.
    utf8 = strictDecoder();
    return undefined;
  }
}

const isAscii = (bytes: Uint8Array) => bytes.every((byte) => byte < 0x80);

/** The lines of a sample without the last, which may be cut; a sample of one line gives that line, its cut end trimmed. */
function sampleLines(sample: Uint8Array, isWhole: boolean): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let i = sample.indexOf(10); i >= 0; i = sample.indexOf(10, start)) {
    lines.push(sample.subarray(start, i));
    start = i + 1;
  }
  if (isWhole) return [...lines, sample.subarray(start)];
  if (lines.length > 0) return lines;
  let end = sample.length;
  // A character of UTF-8 has at most 4 bytes: the last may be incomplete.
  for (let i = 1; i <= 4 && end === sample.length; i++) if ((sample[end - i] ?? 0) >= 0xc0) end -= i;
  return [sample.subarray(0, end)];
}

/**
 * @param sample The first bytes of a file. @param isWhole Whether they are the whole file.
 * @returns undefined where no encoding that is known fits.
 */
export function detectEncoding(sample: Uint8Array, isWhole: boolean): TextEncodingName | undefined {
  for (const [name, mark] of MARKS) if (mark.every((byte, i) => sample[i] === byte)) return name;
  const [even, odd] = [highByteShare(sample, 0), highByteShare(sample, 1)];
  if (sample.length >= 2 && Math.max(even, odd) >= UTF16_SHARE && Math.min(even, odd) < UTF16_SHARE / 2) {
    return odd > even ? 'utf-16le' : 'utf-16be';
  }
  const lines = sampleLines(sample, isWhole).filter((line) => !isAscii(line));
  const wrong = lines.filter((line) => decodeUtf8(line) === undefined);
  if (wrong.length * 2 <= lines.length) return 'utf-8';
  const letters = new TextDecoder('windows-1256').decode(Buffer.concat(wrong)).replace(/[\0-\x7f]/g, '');
  return arabicShare(letters) >= 0.5 ? 'windows-1256' : undefined;
}
