/** Text files in any encoding that is recognised, as chunks or as lines. */

import { type Line, readBytes, splitLines } from '../jsonl.ts';
import { decodeUtf8, detectFileEncoding, type TextEncodingName } from './encoding.ts';
import { type Note, type Problem, problem, type ReadOptions } from './item.ts';

export type TextLine = ({ kind: 'line' } & Line) | Problem | Note;

const ARABIC = /\p{Script=Arabic}/u;

async function* countedBytes(path: string, onBytes: ReadOptions['onBytes']): AsyncGenerator<Uint8Array> {
  for await (const chunk of readBytes(path)) {
    onBytes?.(chunk.length);
    yield chunk;
  }
}

/** The encoding that is asked for or recognised, and what to tell about it. */
async function chooseEncoding(
  path: string,
  asked: TextEncodingName | undefined,
): Promise<{ encoding: TextEncodingName | undefined; notes: (Note | Problem)[] }> {
  const encoding = asked ?? (await detectFileEncoding(path));
  if (encoding === undefined) {
    const reason = 'is neither UTF-8, UTF-16 nor Windows-1256; nothing was read of it';
    return { encoding, notes: [problem('utf8-invalid', reason)] };
  }
  const isAssumed = asked === undefined && encoding !== 'utf-8';
  return { encoding, notes: isAssumed ? [{ kind: 'note', message: `read as ${encoding}` }] : [] };
}

/** Chunks of a file's text without byte order mark; bytes that cannot be decoded become U+FFFD. */
export async function* readTextChunks(
  path: string,
  { encoding: asked, onBytes }: ReadOptions,
): AsyncGenerator<{ kind: 'chunk'; text: string } | Note | Problem> {
  const { encoding, notes } = await chooseEncoding(path, asked);
  yield* notes;
  if (encoding === undefined) return;
  const decoder = new TextDecoder(encoding);
  for await (const bytes of countedBytes(path, onBytes)) {
    yield { kind: 'chunk', text: decoder.decode(bytes, { stream: true }) };
  }
  yield { kind: 'chunk', text: decoder.decode() };
}

/** UTF-16 as UTF-8, so that lines can be cut at bytes. */
async function* reencode(
  source: AsyncIterable<Uint8Array>,
  encoding: TextEncodingName,
): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding);
  for await (const bytes of source) yield Buffer.from(decoder.decode(bytes, { stream: true }));
  yield Buffer.from(decoder.decode());
}

/** Decodes one line, or says why it cannot be. A file's encoding is one: a line in another is no line of it. */
function decodeLine(bytes: Uint8Array, encoding: TextEncodingName): { text: string } | { reason: string } {
  const utf8 = decodeUtf8(bytes);
  if (encoding === 'windows-1256') {
    const isOther = utf8 !== undefined && ARABIC.test(utf8);
    if (isOther) return { reason: 'is UTF-8 in a file of Windows-1256 (mixed encodings)' };
    return { text: new TextDecoder('windows-1256').decode(bytes) };
  }
  if (utf8 === undefined)
    return { reason: 'is not valid UTF-8, unlike the file (mixed encodings or damage)' };
  if (encoding !== 'utf-8' && utf8.includes('\ufffd')) return { reason: `is not valid ${encoding}` };
  return { text: utf8 };
}

/** Lines of a text file without their ends (LF or CRLF), numbered from 1. */
export async function* readTextLines(path: string, options: ReadOptions): AsyncGenerator<TextLine> {
  const { encoding, notes } = await chooseEncoding(path, options.encoding);
  yield* notes;
  if (encoding === undefined) return;
  const bytes = countedBytes(path, options.onBytes);
  const isWide = encoding === 'utf-16le' || encoding === 'utf-16be';
  let number = 0;
  for await (const line of splitLines(isWide ? reencode(bytes, encoding) : bytes)) {
    number += 1;
    const decoded = decodeLine(line, encoding);
    if ('reason' in decoded) {
      yield problem('utf8-invalid', decoded.reason, { row: number });
      continue;
    }
    const text = number === 1 ? decoded.text.replace(/^\ufeff/, '') : decoded.text;
    yield { kind: 'line', number, text: text.endsWith('\r') ? text.slice(0, -1) : text };
  }
}
