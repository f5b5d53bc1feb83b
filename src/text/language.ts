/**
 * A cheap guess at the language of a text, from scripts, tell-tale letters and a few function words. Good enough to warn
 * that a corpus or a request is not what a model was trained on; no language identifier: texts of a few words, mixed
 * texts, and close relatives (Urdu and Shahmukhi Punjabi, Sorani and Uyghur, languages in Latin script that are not
 * listed here) are guessed wrongly or not at all. Arabic dialects are all `ar`.
 */

const SCRIPTS = {
  Arabic: /\p{Script=Arabic}/u,
  Latin: /\p{Script=Latin}/u,
  Cyrillic: /\p{Script=Cyrillic}/u,
  Greek: /\p{Script=Greek}/u,
  Hebrew: /\p{Script=Hebrew}/u,
  Han: /\p{Script=Han}/u,
} as const;

export type Script = keyof typeof SCRIPTS | 'other';

/** Letters read of one text: a longer text tells no more. */
const LETTERS_READ = 4_000;

/** Letters that the language uses and the others of its script do not, with the share of letters that proves it. */
const ARABIC_SCRIPT: readonly { language: string; letters: RegExp; share: number }[] = [
  { language: 'ckb', letters: /[ڕڵێۆەڤ]/u, share: 0.05 },
  { language: 'ur', letters: /[ٹڈڑںےہھ]/u, share: 0.03 },
  { language: 'fa', letters: /[پچژگکی]/u, share: 0.04 },
];

/** Function words and letters of languages in Latin script. */
const LATIN_SCRIPT: readonly { language: string; words: ReadonlySet<string>; letters: RegExp }[] = [
  {
    language: 'en',
    words: new Set('the of and to in is that was for with on by from has its'.split(' ')),
    letters: /(?!)/u,
  },
  {
    language: 'fr',
    words: new Set('le la les des du et un une que dans pour est au par sur qui'.split(' ')),
    letters: /[éèàçœù]/u,
  },
  {
    language: 'tr',
    words: new Set('ve bir bu da de için ile olarak olan daha çok gibi'.split(' ')),
    letters: /[ğışİ]/u,
  },
  {
    language: 'kmr',
    words: new Set('û li ji di ku bi de ev ew jî na xwe hat bû'.split(' ')),
    letters: /[êîû]/u,
  },
];

export interface LanguageGuess {
  /** BCP 47 tag; `und` where nothing speaks for a language. */
  language: string;
  /** Share of all letters that belong to the script of the guess, 0 to 1; 0 for `und` without letters. */
  share: number;
}

/** Letters of a text by script, as shares of all letters read (the first 4,000). Scripts that do not occur are left out. */
export function scriptShares(text: string): Map<Script, number> {
  const counts = new Map<Script, number>();
  let letters = 0;
  for (const [letter] of text.matchAll(/\p{L}/gu)) {
    const script =
      (Object.keys(SCRIPTS) as (keyof typeof SCRIPTS)[]).find((name) => SCRIPTS[name].test(letter)) ??
      'other';
    counts.set(script, (counts.get(script) ?? 0) + 1);
    letters += 1;
    if (letters === LETTERS_READ) break;
  }
  return new Map([...counts].map(([script, count]) => [script, count / letters]));
}

function guessArabicScript(text: string): string {
  const letters = text.match(/(?=\p{Script=Arabic})\p{L}/gu) ?? [];
  const found = ARABIC_SCRIPT.find((entry) => {
    const own = letters.filter((letter) => entry.letters.test(letter)).length;
    return own / letters.length >= entry.share;
  });
  return found?.language ?? 'ar';
}

function guessLatinScript(text: string): string {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  const scores = LATIN_SCRIPT.map(({ language, words: known, letters }) => {
    const functionWords = words.filter((word) => known.has(word)).length;
    const marked = words.filter((word) => letters.test(word)).length;
    return { language, score: (functionWords + marked) / words.length };
  }).sort((a, b) => b.score - a.score);
  const best = scores[0]!;
  return best.score >= 0.08 ? best.language : 'und';
}

/** The most likely language of a text; reads its beginning only. */
export function guessLanguage(text: string): LanguageGuess {
  const [script, share] = [...scriptShares(text)].sort((a, b) => b[1] - a[1])[0] ?? ['other', 0];
  const beginning = text.slice(0, 2 * LETTERS_READ);
  if (script === 'Arabic') return { language: guessArabicScript(beginning), share };
  if (script === 'Latin') return { language: guessLatinScript(beginning), share };
  const single: Partial<Record<Script, string>> = { Hebrew: 'he', Greek: 'el', Han: 'zh' };
  return { language: single[script] ?? 'und', share };
}
