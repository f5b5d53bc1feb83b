/** What an audit finds, as plain data: the same for the table, the JSON file and the page. */

import type { Split } from '../dataset/article.ts';

/** Every rule, and what it looks for. `--fail-on` takes these names. */
export const RULES = {
  invalid: 'Lines that are no article of this taxonomy, and ids that occur twice',
  duplicates: 'Texts that are the same, word for word after normalisation',
  'near-duplicates': 'Texts that share most of their word shingles (Jaccard index)',
  'shared-runs': 'Texts that share a run of words',
  leakage: 'The same text, passage or title in two splits',
  openings: 'Openings used again and again',
  imbalance: 'Labels that are rare beside the others, or absent from a split',
  'co-occurrence': 'Label pairs that never or always occur together, against what their counts let expect',
  length: 'Texts far shorter or longer than the others',
  language: 'Texts that seem to be in another language than is said',
  'label-errors': 'Labels that the other articles speak against (confident learning)',
} as const;

export type Rule = keyof typeof RULES;
export const RULE_NAMES = Object.keys(RULES) as readonly Rule[];

export interface Finding {
  /** Articles concerned; the first ones where there are many. */
  ids: string[];
  /** One sentence with its figures. */
  message: string;
  /** Words of the corpus, in any script: to be shown with their own direction. */
  quote?: string;
  /** The evidence for programs. */
  details?: Record<string, unknown>;
}

export interface LabelCount {
  label: string;
  articles: number;
  splits: Record<Split, number>;
}

export interface HeadOverview {
  head: string;
  /** Articles whose labels of this head are known. */
  articles: number;
  labels: LabelCount[];
  /** Labels that are probably wrong; undefined where they were not looked for. */
  suspectLabels?: number;
}

export interface Overview {
  articles: number;
  splits: Record<Split | 'none', number>;
  heads: HeadOverview[];
  languages: Record<string, number>;
  /** Words of each text: least, quartiles, most. */
  words: { least: number; lower: number; median: number; upper: number; most: number };
  /** Articles by length; each bar ends at `words`, exclusive. */
  lengths: { words: number; articles: number }[];
}

export interface AuditReport {
  file: string;
  overview: Overview;
  /** Findings of each rule, gravest first. A rule that was not asked for is left out. */
  findings: Partial<Record<Rule, Finding[]>>;
  /** What was assumed or left out. */
  notes: string[];
}

/** `start of a text…` */
export const excerpt = (text: string, length = 200) =>
  text.length <= length ? text : `${text.slice(0, length).replace(/[\ud800-\udbff]$/, '')}…`;
