/** Splits a text into sentences. */

export interface Sentence {
  /** Offsets into the text in UTF-16 code units: `text.slice(start, end)`. Neighbours touch; together they cover it. */
  start: number;
  end: number;
}

/** Closing marks with closing quotes before white space, or a line break. "2.5" has no white space, so it is safe. */
const BOUNDARY = /([.!?؟؛…۔]+)["'»”’)\]]*\s+|\n\s*/gu;
/** A full stop after a single letter abbreviates: "د. سالم", "U. S.". */
const ABBREVIATION = /(?:^|[\s.(«"])\p{L}$/u;

/** Sentences of a text in order. White space after a sentence belongs to it. An empty text has none. */
export function splitSentences(text: string): Sentence[] {
  const sentences: Sentence[] = [];
  let start = 0;
  for (const match of text.matchAll(BOUNDARY)) {
    const before = text.slice(start, match.index);
    if (before.trim() === '' || (match[1] === '.' && ABBREVIATION.test(before))) continue;
    const end = match.index + match[0].length;
    sentences.push({ start, end });
    start = end;
  }
  if (start < text.length) sentences.push({ start, end: text.length });
  return sentences;
}
