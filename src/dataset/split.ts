/**
 * Assigns train, validation and test: iterative stratification for multi-label data (Sechidis, Tsoumakas and Vlahavas
 * 2011) over groups of near-duplicates, which are never torn apart. Assignments that stand are kept.
 */

import { seededRandom } from '../random.ts';
import { type Article, articleText, labelsOf, SPLITS, type Split } from './article.ts';
import { findNearDuplicates, groupPairs } from './near-duplicates.ts';
import type { Taxonomy } from './taxonomy.ts';

export type Shares = Record<Split, number>;

export const DEFAULT_SHARES: Shares = { train: 0.68, validation: 0.15, test: 0.17 };

export interface SplitOptions {
  shares?: Shares;
  seed: number;
  /** Jaccard index from which two texts must share a split. */
  threshold?: number;
}

/** Every label an article carries, and the combination itself, as stratification keys. */
function strata(article: Article, taxonomy: Taxonomy): string[] {
  const single = taxonomy.heads.flatMap((head) =>
    (labelsOf(article, head.id) ?? []).map((id) => `${head.id}/${id}`),
  );
  const language = article.language === undefined ? [] : [`language/${article.language}`];
  return [...single, [...single].sort().join('+'), ...language];
}

/**
 * The split of each article, in order.
 * A group in which some articles have a split already is given that split; two different ones are kept as they stand,
 * and the rest of the group follows the first.
 */
export function assignSplits(
  articles: readonly Article[],
  taxonomy: Taxonomy,
  options: SplitOptions,
): Split[] {
  const { shares = DEFAULT_SHARES, seed, threshold = 0.6 } = options;
  const random = seededRandom(seed);
  const groups = new Map<number, number[]>();
  const group = groupPairs(articles.length, findNearDuplicates(articles.map(articleText), threshold));
  for (const [i, g] of group.entries()) groups.set(g, [...(groups.get(g) ?? []), i]);

  const keys = articles.map((article) => strata(article, taxonomy));
  const assigned: (Split | undefined)[] = articles.map(({ split }) => split);
  const wanted = new Map<string, Shares>();
  const total = { train: 0, validation: 0, test: 0 };
  for (const split of SPLITS) total[split] = shares[split] * articles.length;
  for (const key of keys.flat()) {
    const entry = wanted.get(key) ?? { train: 0, validation: 0, test: 0 };
    for (const split of SPLITS) entry[split] += shares[split];
    wanted.set(key, entry);
  }
  const place = (members: readonly number[], split: Split) => {
    for (const i of members) {
      assigned[i] ??= split;
      const own = assigned[i]!;
      total[own] -= 1;
      for (const key of keys[i]!) wanted.get(key)![own] -= 1;
    }
  };

  let open: number[][] = [];
  for (const members of groups.values()) {
    const standing = members.map((i) => articles[i]!.split).find((split) => split !== undefined);
    if (standing === undefined) open.push(members);
    else place(members, standing);
  }
  open = random.shuffle(open);
  while (open.length > 0) {
    // The rarest label among the groups left goes first, while there is still room to spread it.
    const counts = new Map<string, number>();
    for (const members of open)
      for (const i of members) for (const key of keys[i]!) counts.set(key, (counts.get(key) ?? 0) + 1);
    const rarest = [...counts].reduce((a, b) => (b[1] < a[1] ? b : a), ['', Number.POSITIVE_INFINITY] as [
      string,
      number,
    ])[0];
    const has = (members: number[]) => members.some((i) => keys[i]!.includes(rarest));
    const chosen = rarest === '' ? open : open.filter(has);
    open = rarest === '' ? [] : open.filter((members) => !has(members));
    for (const members of chosen) {
      const need = wanted.get(rarest) ?? total;
      const ranked = [...SPLITS].sort((a, b) => need[b] - need[a] || total[b] - total[a]);
      place(members, ranked[0]!);
    }
  }
  return assigned as Split[];
}
