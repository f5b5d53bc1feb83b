/** Texts that begin alike. */

import { normalisedWords } from '../text/normalise.ts';
import type { Corpus } from './corpus.ts';
import type { Finding } from './report.ts';

/** Words of an opening. */
const OPENING = 3;
/** Texts that may begin alike. */
export const MOST_OPENINGS = 5;
const IDS_SHOWN = 10;
/** Enough of a text to hold its first words. */
const BEGINNING = 400;

/** Openings used in more than `most` texts, most used first. */
export function openingFindings({ articles }: Corpus, most = MOST_OPENINGS): Finding[] {
  const openings = new Map<string, string[]>();
  for (const { id, text } of articles) {
    const words = normalisedWords(text.slice(0, BEGINNING)).slice(0, OPENING);
    if (words.length < OPENING) continue;
    const ids = openings.get(words.join(' '));
    if (ids === undefined) openings.set(words.join(' '), [id]);
    else ids.push(id);
  }
  return [...openings]
    .filter(([, ids]) => ids.length > most)
    .sort((a, b) => b[1].length - a[1].length)
    .map(([opening, ids]) => ({
      ids: ids.slice(0, IDS_SHOWN),
      message: `${ids.length} texts begin with the same ${OPENING} words; at most ${most} should`,
      quote: opening,
      details: { articles: ids.length },
    }));
}
