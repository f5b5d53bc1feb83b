/** Texts of unusual length, and texts in another language than is said. */

import { guessLanguage } from '../text/language.ts';
import type { Corpus } from './corpus.ts';
import { excerpt, type Finding, type Overview } from './report.ts';

/** Modified z-score from which a value is an outlier (Iglewicz and Hoaglin 1993). */
const OUTLIER = 3.5;
/** Fewer words say too little to be labelled, whatever the others are. */
const FEWEST_WORDS = 5;
/** Fewer words are no ground for guessing a language. */
const FEWEST_FOR_LANGUAGE = 12;
const BEGINNING = 2_000;
const BARS = 20;

const quantile = (sorted: ArrayLike<number>, share: number) =>
  sorted[Math.round(share * (sorted.length - 1))] ?? 0;

/** The median and the median absolute deviation from it. */
function spread(values: Float64Array): { median: number; deviation: number } {
  const median = quantile(values.slice().sort(), 0.5);
  return { median, deviation: quantile(values.map((x) => Math.abs(x - median)).sort(), 0.5) };
}

/** Texts whose number of words, on a logarithmic scale, is far from the median; most extreme first. */
export function lengthFindings({ articles, texts, words }: Corpus): Finding[] {
  const logarithms = Float64Array.from(words, (own) => Math.log(Math.max(1, own.length)));
  const { median, deviation } = spread(logarithms);
  const usual = Math.round(Math.exp(median));
  return words
    .flatMap((own, i) => {
      const z = deviation === 0 ? 0 : (0.6745 * (logarithms[i]! - median)) / deviation;
      if (own.length >= FEWEST_WORDS && Math.abs(z) <= OUTLIER) return [];
      return [{ i, z, count: own.length }];
    })
    .sort((a, b) => Math.abs(b.z) - Math.abs(a.z))
    .map(({ i, z, count }) => ({
      ids: [articles[i]!.id],
      message: `${count} words; the median is ${usual} (modified z-score ${z.toFixed(1)})`,
      quote: excerpt(texts[i]!),
      details: { words: count, score: z },
    }));
}

/** A language's own tag without script and region; Kurdish covers its two written forms. */
const primary = (tag: string) => tag.toLowerCase().split('-')[0]!;
const agrees = (said: string, guessed: string) =>
  primary(said) === guessed || (primary(said) === 'ku' && (guessed === 'ckb' || guessed === 'kmr'));

/**
 * Texts whose guessed language is not the one they name, or, where they name none, not the most frequent one.
 * A text that is short or whose language cannot be guessed is not judged.
 */
export function checkLanguages(
  { articles, texts, words }: Corpus,
  onProgress?: (done: number, total: number) => void,
): { findings: Finding[]; languages: Record<string, number> } {
  const guesses = texts.map((text, i) => {
    onProgress?.(i + 1, texts.length);
    return guessLanguage(text.slice(0, BEGINNING)).language;
  });
  const languages: Record<string, number> = {};
  for (const guess of guesses) languages[guess] = (languages[guess] ?? 0) + 1;
  const main = Object.entries(languages).reduce((a, b) => (b[1] > a[1] ? b : a))[0];
  const findings = guesses.flatMap((guess, i): Finding[] => {
    const said = articles[i]!.language;
    if (guess === 'und' || words[i]!.length < FEWEST_FOR_LANGUAGE || agrees(said ?? main, guess)) return [];
    const expected = said === undefined ? `names no language, most articles are ${main}` : `says ${said}`;
    return [
      {
        ids: [articles[i]!.id],
        message: `seems to be ${guess}; ${expected}`,
        quote: excerpt(texts[i]!),
        details: { guess, said },
      },
    ];
  });
  return { findings, languages };
}

/** Lengths in words: quartiles and a histogram whose last bar holds all beyond the 99th percentile. */
export function countLengths({ words }: Corpus): Pick<Overview, 'words' | 'lengths'> {
  const sorted = Uint32Array.from(words, (own) => own.length).sort();
  const width = Math.max(1, Math.ceil((quantile(sorted, 0.99) + 1) / BARS));
  const bars = new Array<number>(BARS).fill(0);
  for (const length of sorted) bars[Math.min(BARS - 1, Math.floor(length / width))]! += 1;
  return {
    words: {
      least: sorted[0] ?? 0,
      lower: quantile(sorted, 0.25),
      median: quantile(sorted, 0.5),
      upper: quantile(sorted, 0.75),
      most: sorted.at(-1) ?? 0,
    },
    lengths: bars.map((articles, i) => ({ words: (i + 1) * width, articles })),
  };
}
