/**
 * Splits a text into sentences, Arabic or Latin, in one pass over its characters (linear, whatever the text).
 * `Intl.Segmenter` does not serve: it ends sentences at "د." and "Dr." and not at the Arabic semicolon.
 */

export interface Sentence {
  /** Offsets into the text in UTF-16 code units: `text.slice(start, end)`. Neighbours touch; together they cover it. */
  start: number;
  end: number;
}

const TERMINATORS = new Set('.!?؟؛…۔');
const CLOSERS = new Set('"\'»”’)]');
const LINE_BREAKS = new Set('\n\r\u2028\u2029');
const SPACE = /\s/;
const LETTER = /[\p{L}\p{M}]/u;
const ARABIC_LETTER = /(?=\p{Script=Arabic})\p{L}/u;
const LOWER_CASE = /\p{Ll}/u;
/** Words of more than one letter whose full stop ends no sentence. */
const ABBREVIATIONS = new Set(
  'dr mr mrs ms prof gen col lt sgt st no vs etc inc ltd fig vol jan feb mar apr jun jul aug sep sept oct nov dec'.split(
    ' ',
  ),
);
/** A longer word is no abbreviation; bounds the look back. */
const LONGEST_ABBREVIATION = 5;

/** The letters right before `end`, at most a few more than an abbreviation has. */
function wordBefore(text: string, end: number): string {
  let start = end;
  while (start > 0 && end - start <= LONGEST_ABBREVIATION && LETTER.test(text[start - 1]!)) start -= 1;
  return text.slice(start, end);
}

/** Whether the marks `text[from, to)` end a sentence; `after` is where the text goes on behind closing quotes. */
function endsSentence(text: string, from: number, to: number, after: number): boolean {
  if (after === text.length) return true;
  const follows = text[after]!;
  const word = wordBefore(text, from);
  const isSingleStop = to - from === 1 && text[from] === '.';
  if (!SPACE.test(follows)) {
    // Arabic writers often leave out the space; in Latin script that is a number, a name or an address.
    return ARABIC_LETTER.test(follows) && ARABIC_LETTER.test(word.at(-1) ?? '') && word.length > 2;
  }
  if (!isSingleStop) return true;
  if (word.replace(/\p{M}/gu, '').length === 1 || ABBREVIATIONS.has(word.toLowerCase())) return false;
  let next = after;
  while (next < text.length && text[next] === ' ') next += 1;
  return !LOWER_CASE.test(text[next] ?? '');
}

/**
 * Sentences of a text in order; white space after a sentence belongs to it. A line break always ends one; a full stop
 * ends none between digits, after a single letter ("د.", "U.S.") or a known abbreviation, or before a lower-case word.
 * An empty text has no sentence.
 */
export function splitSentences(text: string): Sentence[] {
  const sentences: Sentence[] = [];
  let start = 0;
  let hasContent = false;
  let at = 0;
  const close = (end: number) => {
    let to = end;
    while (to < text.length && SPACE.test(text[to]!)) to += 1;
    if (hasContent) {
      sentences.push({ start, end: to });
      start = to;
      hasContent = false;
    }
    at = to;
  };
  while (at < text.length) {
    const character = text[at]!;
    if (LINE_BREAKS.has(character)) {
      close(at + 1);
    } else if (TERMINATORS.has(character)) {
      hasContent = true;
      let to = at;
      while (to < text.length && TERMINATORS.has(text[to]!)) to += 1;
      let after = to;
      while (after < text.length && CLOSERS.has(text[after]!)) after += 1;
      if (endsSentence(text, at, to, after)) close(after);
      else at = after;
    } else {
      hasContent ||= !SPACE.test(character);
      at += 1;
    }
  }
  if (start < text.length) {
    const last = sentences.at(-1);
    if (last !== undefined && !hasContent) last.end = text.length;
    else sentences.push({ start, end: text.length });
  }
  return sentences;
}
