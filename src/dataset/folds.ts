/** Folds for cross-validation, stratified like the splits. */

import { seededRandom } from '../random.ts';
import type { Article } from './article.ts';
import { groupNearDuplicates, strata, stratify } from './stratify.ts';
import type { Taxonomy } from './taxonomy.ts';

/** The fold of each article, 0 to folds − 1; near-duplicates share one. */
export function assignFolds(
  articles: readonly Article[],
  taxonomy: Taxonomy,
  folds: number,
  seed: number,
): number[] {
  return stratify(
    groupNearDuplicates(articles),
    articles.map((article) => strata(article, taxonomy)),
    new Array<number>(folds).fill(1 / folds),
    articles.map(() => undefined),
    seededRandom(seed),
  );
}
