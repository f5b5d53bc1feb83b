/** What a text holds, before a model is asked about it. */

import { normalise } from './normalise.ts';

const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
/** Characters that are looked at first: nearly always one of them is a letter. */
const BEGINNING = 100;

/** Whether anything is left to read: at least one letter or digit after normalisation. */
export function isReadable(text: string): boolean {
  return LETTER_OR_DIGIT.test(normalise(text.slice(0, BEGINNING))) || LETTER_OR_DIGIT.test(normalise(text));
}

/** Whether the text is well-formed UTF-16: a lone surrogate cannot be written as UTF-8. */
export function isWellFormed(text: string): boolean {
  return text.isWellFormed();
}

/** Why a text cannot be read, or undefined where it can. */
export function whyUnreadable(text: string): string | undefined {
  if (!isWellFormed(text)) return 'holds a lone surrogate: it is no valid Unicode text';
  return isReadable(text) ? undefined : 'holds nothing to read: no letter and no digit';
}

const TAG =
  /<(?:!--|!doctype|\/?(?:html|head|body|div|p|span|a|br|img|script|style|table|ul|li|h[1-6])(?=[\s/>]))[^<>]*>/i;

/** Whether the text looks like HTML source rather than prose. Nothing is stripped; callers report it. */
export function looksLikeHtml(text: string): boolean {
  return TAG.test(text);
}

/** Share of letters that are of the Arabic script, 0 to 1; 0 for a text without letters. */
export function arabicShare(text: string): number {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const arabic = text.match(/\p{Script=Arabic}/gu)?.filter((c) => /\p{L}/u.test(c)).length ?? 0;
  return letters === 0 ? 0 : arabic / letters;
}
