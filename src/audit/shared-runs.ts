/**
 * Runs of words that two texts share, in time linear in the words of the corpus: a first pass marks the hash of every run
 * in a bit map, and again in a second map when it is met once more; only runs marked twice are looked up in the second
 * pass. A text is compared with the first text that holds the run.
 */

import { hashRun } from '../dataset/shingles.ts';
import { normalisedWords } from '../text/normalise.ts';
import type { Corpus } from './corpus.ts';
import type { Finding } from './report.ts';

export interface SharedRun {
  /** Indices of the two texts, first < second. */
  first: number;
  second: number;
  /** Where the run begins, in words. */
  firstStart: number;
  secondStart: number;
  /** Words. */
  length: number;
}

/** Bits of a map for each run: few runs are then taken for repeated that are not. */
const BITS_PER_RUN = 16;
const MOST_BITS = 2 ** 30;
/** Room for a position in a text; no text is that long. */
const POSITIONS = 2 ** 24;

/** The runs' hashes that may occur more than once, as a test. */
function findRepeated(words: readonly Uint32Array[], length: number): (hash: number) => boolean {
  const runs = words.reduce((sum, own) => sum + Math.max(0, own.length - length + 1), 0);
  const bits = Math.min(MOST_BITS, 2 ** Math.ceil(Math.log2(Math.max(64, runs * BITS_PER_RUN))));
  const once = new Uint8Array(bits / 8);
  const again = new Uint8Array(bits / 8);
  const mask = bits - 1;
  for (const own of words) {
    for (let start = 0; start + length <= own.length; start++) {
      const at = hashRun(own, start, length) & mask;
      const bit = 1 << (at & 7);
      if (once[at >>> 3]! & bit) again[at >>> 3]! |= bit;
      else once[at >>> 3]! |= bit;
    }
  }
  return (hash) => (again[(hash & mask) >>> 3]! & (1 << (hash & 7))) !== 0;
}

function sameRun(a: Uint32Array, from: number, b: Uint32Array, at: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[from + i] !== b[at + i]) return false;
  return true;
}

/** All shared runs of at least `length` words, each as long as it goes, in the order of the later text. */
export function findSharedRuns(words: readonly Uint32Array[], length = 8): SharedRun[] {
  const isRepeated = findRepeated(words, length);
  /** Text and position of the first occurrence of a run, as text · POSITIONS + position, by a hash of 53 bits. */
  const places = new Map<number, number>();
  const found: SharedRun[] = [];
  for (const [second, own] of words.entries()) {
    let open: SharedRun | undefined;
    for (let start = 0; start + length <= own.length; start++) {
      const hash = hashRun(own, start, length);
      if (!isRepeated(hash)) continue;
      const key = hash * 2 ** 21 + (hashRun(own, start, length, 1) >>> 11);
      const place = places.get(key);
      if (place === undefined) {
        places.set(key, second * POSITIONS + start);
        continue;
      }
      const [first, firstStart] = [Math.floor(place / POSITIONS), place % POSITIONS];
      if (first === second || !sameRun(own, start, words[first]!, firstStart, length)) continue;
      const continues =
        open?.first === first &&
        open.secondStart + open.length === start + length - 1 &&
        open.firstStart + open.length === firstStart + length - 1;
      if (continues) open!.length += 1;
      else {
        open = { first, second, firstStart, secondStart: start, length };
        found.push(open);
      }
    }
  }
  return found;
}

/** One finding for each two texts and run, longest first. */
export function sharedRunFindings({ articles, texts }: Corpus, runs: readonly SharedRun[]): Finding[] {
  return [...runs]
    .sort((a, b) => b.length - a.length)
    .map(({ first, second, secondStart, length }) => ({
      ids: [articles[first]!.id, articles[second]!.id],
      message: `a shared run of ${length} words`,
      quote: normalisedWords(texts[second]!)
        .slice(secondStart, secondStart + Math.min(length, 40))
        .join(' '),
      details: { words: length },
    }));
}
