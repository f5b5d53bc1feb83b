/** Text files in any encoding that is recognised, as chunks or as lines. */

import { RasidError } from '../../errors.ts';
import { type Line, splitLines } from '../jsonl.ts';
import { decodeUtf8, detectEncoding, SAMPLE_BYTES, type TextEncodingName } from './encoding.ts';
import { type Note, type Problem, problem, type ReadOptions } from './item.ts';
import { peek, readSource } from './source.ts';

export type TextLine = ({ kind: 'line' } & Line) | Problem | Note;

const ARABIC = /\p{Script=Arabic}/u;

interface OpenedText {
  /** Undefined where none that is known fits: nothing can be read. */
  encoding: TextEncodingName | undefined;
  /** What to tell about it. */
  notes: (Note | Problem)[];
  bytes: AsyncGenerator<Uint8Array>;
}

/** The bytes of a text with the encoding that is asked for or recognised. */
async function openText(path: string, { encoding: asked, onBytes }: ReadOptions): Promise<OpenedText> {
  const { head, isWhole, all } = await peek(
    readSource(path, onBytes),
    asked === undefined ? SAMPLE_BYTES : 1,
  );
  const encoding =
    asked ?? detectEncoding(head.subarray(0, SAMPLE_BYTES), isWhole && head.length <= SAMPLE_BYTES);
  if (encoding === undefined) {
    await all.return(undefined);
    const reason = 'is neither UTF-8, UTF-16 nor Windows-1256; nothing was read of it';
    return { encoding, notes: [problem('utf8-invalid', reason)], bytes: all };
  }
  const isAssumed = asked === undefined && encoding !== 'utf-8';
  const notes: Note[] = isAssumed ? [{ kind: 'note', message: `read as ${encoding}` }] : [];
  return { encoding, notes, bytes: all };
}

/** What `read` gives; damaged gzip ends it with a problem of the whole file. */
async function* withGzipProblem<T>(read: () => AsyncGenerator<T>): AsyncGenerator<T | Problem> {
  try {
    yield* read();
  } catch (error) {
    if (!(error instanceof RasidError) || error.code !== 'gzip-invalid') throw error;
    yield problem(error.code, `${error.message}; only what comes before was read`);
  }
}

type TextChunk = { kind: 'chunk'; text: string } | Note | Problem;

/** Chunks of a file's text without byte order mark; bytes that cannot be decoded become U+FFFD. */
export function readTextChunks(path: string, options: ReadOptions): AsyncGenerator<TextChunk> {
  return withGzipProblem<TextChunk>(async function* () {
    const { encoding, notes, bytes } = await openText(path, options);
    yield* notes;
    if (encoding === undefined) return;
    const decoder = new TextDecoder(encoding);
    for await (const chunk of bytes) yield { kind: 'chunk', text: decoder.decode(chunk, { stream: true }) };
    yield { kind: 'chunk', text: decoder.decode() };
  });
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
export function readTextLines(path: string, options: ReadOptions): AsyncGenerator<TextLine> {
  return withGzipProblem<TextLine>(async function* () {
    const { encoding, notes, bytes } = await openText(path, options);
    yield* notes;
    if (encoding === undefined) return;
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
  });
}
