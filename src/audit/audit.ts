/** The audit: every rule over one corpus. */

import { SPLITS } from '../dataset/article.ts';
import { findSimilarSets } from '../dataset/near-duplicates.ts';
import { shingles } from '../dataset/shingles.ts';
import { groupsOf, SAME_GROUP } from '../dataset/stratify.ts';
import type { Taxonomy } from '../dataset/taxonomy.ts';
import type { Corpus } from './corpus.ts';
import { duplicateFindings, leakageFindings, partExact } from './duplicates.ts';
import { labelErrorFindings, rankLabelErrors } from './label-errors.ts';
import { coOccurrenceFindings, countHeads, imbalanceFindings } from './labels.ts';
import { openingFindings } from './openings.ts';
import { checkLanguages, countLengths, lengthFindings } from './outliers.ts';
import type { AuditReport, Overview } from './report.ts';
import { findSharedRuns, sharedRunFindings } from './shared-runs.ts';

export interface AuditInput {
  /** The corpus' name in the report. */
  file: string;
  corpus: Corpus;
  taxonomy: Taxonomy;
  seed: number;
  /** The encoder's vectors [n, dim] of the corpus' texts, for probable label errors. */
  vectors?: { values: Float32Array; dim: number };
  /** Whether to look for label errors. Default: yes, where any article is labelled. */
  labelErrors?: boolean;
  /** Told where each stage stands. */
  onProgress?: (stage: string, done: number, total: number) => void;
}

/** Fewer articles cannot be cross-validated with any sense. */
const FEWEST_FOR_LABEL_ERRORS = 50;

function countSplits({ articles }: Corpus): Overview['splits'] {
  const splits = {
    ...(Object.fromEntries(SPLITS.map((split) => [split, 0])) as Overview['splits']),
    none: 0,
  };
  for (const { split } of articles) splits[split ?? 'none'] += 1;
  return splits;
}

export function auditCorpus({ file, corpus, taxonomy, seed, vectors, ...options }: AuditInput): AuditReport {
  const { articles, words } = corpus;
  const progress = (stage: string) => ({
    onProgress: (done: number, total: number) => options.onProgress?.(stage, done, total),
  });
  const notes: string[] = [];
  const pairs = findSimilarSets(words.map(shingles), {
    threshold: SAME_GROUP,
    ...progress('near-duplicates'),
  });
  const { exact, near } = partExact(corpus, pairs);
  const runs = findSharedRuns(words);
  const heads = countHeads(articles, taxonomy);
  const { findings: language, languages } = checkLanguages(corpus, progress('languages').onProgress);
  const findings: AuditReport['findings'] = {
    invalid: corpus.invalid,
    duplicates: duplicateFindings(corpus, exact),
    'near-duplicates': duplicateFindings(corpus, near),
    'shared-runs': sharedRunFindings(corpus, runs),
    leakage: leakageFindings(corpus, pairs, runs),
    openings: openingFindings(corpus),
    imbalance: imbalanceFindings(heads),
    'co-occurrence': coOccurrenceFindings(articles, taxonomy),
    length: lengthFindings(corpus),
    language,
  };
  const labelled = heads.reduce((sum, head) => Math.max(sum, head.articles), 0);
  if (options.labelErrors === false) notes.push('label errors were not looked for');
  else if (labelled < FEWEST_FOR_LABEL_ERRORS) {
    notes.push(
      `label errors were not looked for: ${labelled} labelled articles, at least ${FEWEST_FOR_LABEL_ERRORS} are needed`,
    );
  } else {
    const given = vectors === undefined ? {} : { vectors };
    const groups = groupsOf(articles.length, pairs);
    const ranked = rankLabelErrors({ corpus, taxonomy, groups, seed, ...given, ...progress('label errors') });
    findings['label-errors'] = labelErrorFindings(corpus, taxonomy, ranked.heads, ranked.rows);
    for (const [i, { errors }] of ranked.heads.entries()) heads[i]!.suspectLabels = errors.length;
    notes.push(
      vectors === undefined
        ? 'label errors: judged by words alone'
        : "label errors: judged by words and the encoder's vectors",
    );
  }
  const splits = countSplits(corpus);
  const overview = { articles: articles.length, splits, heads, languages, ...countLengths(corpus) };
  return { file, overview, findings, notes };
}
