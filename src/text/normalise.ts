/**
 * Unicode and Arabic normalisation. `models/encoder/tokenizer.json` does the same on its own (tested); this function
 * serves everything that compares texts: n-grams, near-duplicates, content checks.
 */

/** Tashkeel and Quranic marks, tatweel, zero-width characters, bidi controls, the byte order mark. */
const DROPPED =
  /[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;

/**
 * NFKC; drops marks and invisible controls; folds alef forms to bare alef, alef maqsura and Persian yeh to yeh, teh
 * marbuta to heh, Persian kaf to kaf; lower-cases.
 */
export function normalise(text: string): string {
  return text
    .normalize('NFKC')
    .replace(DROPPED, '')
    .replace(/[\u0622\u0623\u0625\u0671]/g, '\u0627')
    .replace(/[\u0649\u06cc]/g, '\u064a')
    .replace(/\u0629/g, '\u0647')
    .replace(/\u06a9/g, '\u0643')
    .toLowerCase();
}

/** The words of a text after normalisation: runs of letters and digits of any script. */
export function normalisedWords(text: string): string[] {
  return normalise(text).match(/[\p{L}\p{N}]+/gu) ?? [];
}
