/** Two classifiers on the same texts: figures side by side, whether they differ, and which texts changed. */

import type { Manifest } from '../classifier/bundle.ts';
import type { Classifier } from '../classifier/classifier.ts';
import type { Features } from '../classifier/features.ts';
import { encodeTargets, type HeadTargets } from '../classifier/targets.ts';
import { type Article, articleText } from '../dataset/article.ts';
import type { Head, Taxonomy } from '../dataset/taxonomy.ts';
import { bootstrapIntervals, type Difference, type Interval, pairedDifferences } from './bootstrap.ts';
import { judge } from './coverage.ts';
import { byName } from './head.ts';
import { createScorer, DECISION_FIGURES, type DecisionFigure, decide, GAINS, type Gain } from './metrics.ts';

/** What one classifier decided: [n, labels] per head of its taxonomy. */
export interface Decided {
  model: string;
  taxonomy: Taxonomy;
  decisions: Uint8Array[];
}

/** A text that the two classifiers label differently. */
export interface Change {
  id: string;
  text: string;
  actual: string[];
  before: string[];
  after: string[];
  /** Whether the labels are exactly right. */
  rightBefore: boolean;
  rightAfter: boolean;
  /** F1 between the sets decided and true, after less before: −1 to 1. */
  gain: number;
}

export interface HeadComparison {
  head: string;
  name: Head['name'];
  kind: Head['kind'];
  records: number;
  before: Record<DecisionFigure, Interval>;
  after: Record<DecisionFigure, Interval>;
  /** After less before. */
  differences: Record<Gain, Difference>;
  /** The greatest losses first, the greatest gains last. */
  changes: Change[];
}

export interface Comparison {
  before: string;
  after: string;
  /** Heads that cannot be compared, and why. */
  notes: string[];
  heads: HeadComparison[];
}

/** Every head's decisions under the thresholds of the classifier's manifest. */
export function decideAll(
  classifier: Pick<Classifier, 'id' | 'taxonomy' | 'probabilities'>,
  heads: readonly Pick<Manifest['heads'][number], 'thresholds'>[],
  features: Features,
): Decided {
  const { id, taxonomy } = classifier;
  const decisions = classifier
    .probabilities(features)
    .map((own, i) => decide(own, { head: taxonomy.heads[i]! }, heads[i]!.thresholds));
  return { model: id, taxonomy, decisions };
}

/** Decisions of one head with the labels in the order of another; a sentence where the two do not fit. */
function alignHead({ taxonomy, decisions }: Decided, head: Head): Uint8Array | string {
  const index = taxonomy.heads.findIndex(({ id }) => id === head.id);
  const theirs = taxonomy.heads[index];
  if (theirs === undefined) return `${head.id}: the other classifier does not have this head`;
  if (theirs.kind !== head.kind) return `${head.id}: is ${theirs.kind} in the other classifier`;
  const position = new Map(theirs.labels.map(({ id }, k) => [id, k]));
  const missing = head.labels.filter(({ id }) => !position.has(id)).map(({ id }) => id);
  const more = theirs.labels.filter(({ id }) => head.labels.every((label) => label.id !== id));
  if (missing.length + more.length > 0) {
    const names = [...missing, ...more.map(({ id }) => id)].join(', ');
    return `${head.id}: the two classifiers do not have the same labels (${names})`;
  }
  const width = head.labels.length;
  const own = decisions[index]!;
  return own.map((_, i) => own[i - (i % width) + position.get(head.labels[i % width]!.id)!]!);
}

function changesOf(
  before: Uint8Array,
  after: Uint8Array,
  targets: HeadTargets,
  rows: readonly number[],
  articles: readonly Article[],
): Change[] {
  const { head } = targets;
  const width = head.labels.length;
  const unused = new Float32Array(before.length);
  const [was, is] = [before, after].map((decisions) => judge(unused, decisions, targets, rows).score);
  const named = (from: Uint8Array, row: number) =>
    head.labels.flatMap(({ id }, k) => (from[row * width + k] ? [id] : []));
  return rows
    .flatMap((row, i): Change[] => {
      const [from, to] = [named(before, row), named(after, row)];
      if (from.join('\n') === to.join('\n')) return [];
      const article = articles[row]!;
      return [
        {
          id: article.id,
          text: articleText(article),
          actual: named(targets.labels, row),
          before: from,
          after: to,
          rightBefore: was![i] === 1,
          rightAfter: is![i] === 1,
          gain: is![i]! - was![i]!,
        },
      ];
    })
    .sort((a, b) => a.gain - b.gain);
}

function compareHead(
  before: Uint8Array,
  after: Uint8Array,
  targets: HeadTargets,
  articles: readonly Article[],
  seed: number,
): HeadComparison {
  const { head, known } = targets;
  const rows = Array.from(known.keys()).filter((row) => known[row]);
  const statistics = (decisions: Uint8Array, names: readonly DecisionFigure[]) => {
    const score = createScorer(decisions, targets);
    return (drawn: readonly number[]) => {
      const values = score(drawn.map((i) => rows[i]!));
      return names.map((name) => values[name]);
    };
  };
  const intervals = (decisions: Uint8Array) =>
    byName(
      DECISION_FIGURES,
      bootstrapIntervals(rows.length, statistics(decisions, DECISION_FIGURES), { seed }),
    );
  const [first, second] = [statistics(after, GAINS), statistics(before, GAINS)];
  return {
    head: head.id,
    name: head.name,
    kind: head.kind,
    records: rows.length,
    before: intervals(before),
    after: intervals(after),
    differences: byName(GAINS, pairedDifferences(rows.length, first, second, { seed })),
    changes: changesOf(before, after, targets, rows, articles),
  };
}

/**
 * Compares what two classifiers decided on the same articles, head by head. The articles' labels follow the taxonomy
 * of `after`.
 */
export function compareDecisions(
  before: Decided,
  after: Decided,
  articles: readonly Article[],
  { seed }: { seed: number },
): Comparison {
  const notes: string[] = [];
  const heads = encodeTargets(articles, after.taxonomy).flatMap((targets, i) => {
    if (!targets.known.includes(1)) return [];
    const theirs = alignHead(before, targets.head);
    if (typeof theirs !== 'string')
      return [compareHead(theirs, after.decisions[i]!, targets, articles, seed)];
    notes.push(`${theirs}; it is not compared`);
    return [];
  });
  return { before: before.model, after: after.model, notes, heads };
}
