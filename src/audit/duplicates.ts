/** Texts that are the same or nearly so, and what of that crosses splits. */

import type { NearDuplicate } from '../dataset/near-duplicates.ts';
import { normalise } from '../text/normalise.ts';
import type { Corpus } from './corpus.ts';
import { excerpt, type Finding } from './report.ts';
import type { SharedRun } from './shared-runs.ts';

const sameWords = (a: Uint32Array, b: Uint32Array) =>
  a.length === b.length && a.every((word, i) => word === b[i]);

const splitsOf = ({ articles }: Corpus, { first, second }: Pick<NearDuplicate, 'first' | 'second'>) =>
  [articles[first]!.split ?? 'no split', articles[second]!.split ?? 'no split'] as const;

const idsOf = ({ articles }: Corpus, { first, second }: Pick<NearDuplicate, 'first' | 'second'>) => [
  articles[first]!.id,
  articles[second]!.id,
];

/** Exact pairs apart from near ones. */
export function partExact(
  corpus: Corpus,
  pairs: readonly NearDuplicate[],
): { exact: NearDuplicate[]; near: NearDuplicate[] } {
  const isExact = ({ first, second }: NearDuplicate) =>
    sameWords(corpus.words[first]!, corpus.words[second]!);
  return { exact: pairs.filter(isExact), near: pairs.filter((pair) => !isExact(pair)) };
}

/** One finding a pair, most alike first. */
export function duplicateFindings(corpus: Corpus, pairs: readonly NearDuplicate[]): Finding[] {
  return [...pairs]
    .sort((a, b) => b.jaccard - a.jaccard)
    .map((pair) => {
      const [one, other] = splitsOf(corpus, pair);
      const where = one === other ? `both in ${one}` : `${one} and ${other}`;
      return {
        ids: idsOf(corpus, pair),
        message: `Jaccard index ${pair.jaccard.toFixed(2)}, ${where}`,
        quote: excerpt(corpus.texts[pair.second]!),
        details: { jaccard: pair.jaccard, splits: [one, other] },
      };
    });
}

/** Pairs of indices whose titles are the same after normalisation, each with the first that bears the title. */
function sameTitles({ articles }: Corpus): { first: number; second: number }[] {
  const titles = new Map<string, number>();
  return articles.flatMap(({ title }, second) => {
    if (title === undefined) return [];
    const key = normalise(title).trim();
    const first = titles.get(key);
    if (first === undefined) titles.set(key, second);
    return first === undefined ? [] : [{ first, second }];
  });
}

/** What stands in two splits at once: one finding a pair of articles, with the strongest reason. */
export function leakageFindings(
  corpus: Corpus,
  pairs: readonly NearDuplicate[],
  runs: readonly SharedRun[],
): Finding[] {
  const candidates = [
    ...pairs.map((pair) => ({ ...pair, message: `Jaccard index ${pair.jaccard.toFixed(2)}` })),
    ...runs.map((run) => ({ ...run, message: `a shared run of ${run.length} words` })),
    ...sameTitles(corpus).map((pair) => ({ ...pair, message: 'the same title' })),
  ];
  const met = new Set<number>();
  return candidates.flatMap((candidate) => {
    const { articles, texts } = corpus;
    const [one, other] = [articles[candidate.first]!.split, articles[candidate.second]!.split];
    const key = candidate.first * articles.length + candidate.second;
    if (one === undefined || other === undefined || one === other || met.has(key)) return [];
    met.add(key);
    return [
      {
        ids: idsOf(corpus, candidate),
        message: `${one} and ${other}: ${candidate.message}`,
        quote: excerpt(texts[candidate.second]!),
        details: { splits: [one, other] },
      },
    ];
  });
}
