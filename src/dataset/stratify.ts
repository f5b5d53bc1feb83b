/**
 * Iterative stratification for multi-label data (Sechidis, Tsoumakas and Vlahavas 2011) over groups of articles that
 * are never torn apart: the one way in which rasid divides a corpus, into splits or into folds.
 */

import type { Random } from '../random.ts';
import { type Article, articleText, labelsOf } from './article.ts';
import { findNearDuplicates, groupPairs, type NearDuplicate } from './near-duplicates.ts';
import type { Taxonomy } from './taxonomy.ts';

/** Jaccard index from which two texts must stay together. */
export const SAME_GROUP = 0.6;

/** Every label an article carries, and the combination itself, as stratification keys. */
export function strata(article: Article, taxonomy: Taxonomy): string[] {
  const single = taxonomy.heads.flatMap((head) =>
    (labelsOf(article, head.id) ?? []).map((id) => `${head.id}/${id}`),
  );
  const language = article.language === undefined ? [] : [`language/${article.language}`];
  return [...single, [...single].sort().join('+'), ...language];
}

/** The indices 0 to n − 1 in groups: the pairs (and chains of them) share one. */
export function groupsOf(n: number, pairs: readonly Pick<NearDuplicate, 'first' | 'second'>[]): number[][] {
  const groups = new Map<number, number[]>();
  for (const [i, group] of groupPairs(n, pairs).entries()) {
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [i]);
    else members.push(i);
  }
  return [...groups.values()];
}

/** Groups of indices whose texts are near-duplicates of one another; most hold one index. */
export function groupNearDuplicates(articles: readonly Article[], threshold = SAME_GROUP): number[][] {
  return groupsOf(articles.length, findNearDuplicates(articles.map(articleText), threshold));
}

/**
 * The part of each item, 0 to shares.length − 1.
 * @param keys Stratification keys of each item.
 * @param shares Share of each part; together 1.
 * @param standing Parts that stand already; a group in which one member has a part is given that part.
 */
export function stratify(
  groups: readonly (readonly number[])[],
  keys: readonly (readonly string[])[],
  shares: readonly number[],
  standing: readonly (number | undefined)[],
  random: Random,
): number[] {
  const assigned: (number | undefined)[] = [...standing];
  const total = shares.map((share) => share * keys.length);
  const wanted = new Map<string, number[]>();
  for (const key of keys.flat()) {
    const entry = wanted.get(key) ?? shares.map(() => 0);
    for (const [part, share] of shares.entries()) entry[part]! += share;
    wanted.set(key, entry);
  }
  const place = (members: readonly number[], part: number) => {
    for (const i of members) {
      assigned[i] ??= part;
      const own = assigned[i]!;
      total[own]! -= 1;
      for (const key of keys[i]!) wanted.get(key)![own]! -= 1;
    }
  };

  let open: (readonly number[])[] = [];
  for (const members of groups) {
    const part = members.map((i) => standing[i]).find((known) => known !== undefined);
    if (part === undefined) open.push(members);
    else place(members, part);
  }
  open = random.shuffle(open);
  while (open.length > 0) {
    // The rarest key among the groups left goes first, while there is still room to spread it.
    const counts = new Map<string, number>();
    for (const members of open)
      for (const i of members) for (const key of keys[i]!) counts.set(key, (counts.get(key) ?? 0) + 1);
    let rarest: string | undefined;
    for (const [key, count] of counts) {
      if (rarest === undefined || count < counts.get(rarest)!) rarest = key;
    }
    const has = (members: readonly number[]) =>
      rarest === undefined || members.some((i) => keys[i]!.includes(rarest));
    const need = rarest === undefined ? total : wanted.get(rarest)!;
    for (const members of open.filter(has)) {
      const ranked = [...shares.keys()].sort((a, b) => need[b]! - need[a]! || total[b]! - total[a]!);
      place(members, ranked[0]!);
    }
    open = open.filter((members) => !has(members));
  }
  return assigned as number[];
}
