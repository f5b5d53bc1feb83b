/** Assigns train, validation and test. Assignments that stand are kept, so that a corpus can grow. */

import { seededRandom } from '../random.ts';
import { type Article, SPLITS, type Split } from './article.ts';
import { groupNearDuplicates, SAME_GROUP, strata, stratify } from './stratify.ts';
import type { Taxonomy } from './taxonomy.ts';

export type Shares = Record<Split, number>;

export const DEFAULT_SHARES: Shares = { train: 0.68, validation: 0.15, test: 0.17 };

export interface SplitOptions {
  shares?: Shares;
  seed: number;
  /** Jaccard index from which two texts must share a split. */
  threshold?: number;
}

/**
 * The split of each article, in order.
 * A group in which some articles have a split already is given that split; two different ones are kept as they stand,
 * and the rest of the group follows the first.
 */
export function assignSplits(
  articles: readonly Article[],
  taxonomy: Taxonomy,
  { shares = DEFAULT_SHARES, seed, threshold = SAME_GROUP }: SplitOptions,
): Split[] {
  const parts = stratify(
    groupNearDuplicates(articles, threshold),
    articles.map((article) => strata(article, taxonomy)),
    SPLITS.map((split) => shares[split]),
    articles.map(({ split }) => (split === undefined ? undefined : SPLITS.indexOf(split))),
    seededRandom(seed),
  );
  return parts.map((part) => SPLITS[part]!);
}
