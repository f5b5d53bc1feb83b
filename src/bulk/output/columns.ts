/** The columns that a run adds to those of the input. */

import { createHash } from 'node:crypto';
import type { Head, Taxonomy } from '../../dataset/taxonomy.ts';
import type { Outcome } from '../block.ts';
import { rowText, type TextColumns } from '../text.ts';
import type { OutputColumn } from './writer.ts';

export interface AddedColumns {
  columns: OutputColumn[];
  /** Their cells for one row that was answered. */
  cells(outcome: Outcome, columns: Record<string, unknown>): Record<string, unknown>;
}

export interface LabelColumnOptions {
  /** Stands before each name. */
  prefix: string;
  /** Whether every label's score is written, not those of the accepted labels alone. */
  allScores: boolean;
}

export const DEFAULT_PREFIX = 'predicted_';

/** Scores to four decimals, as everywhere. */
const rounded = (x: number) => Math.round(x * 1e4) / 1e4;

function headColumns({ id, kind }: Head, { prefix, allScores }: LabelColumnOptions): OutputColumn[] {
  const [labels, scores] =
    kind === 'one-of' ? (['string', 'double'] as const) : (['strings', 'doubles'] as const);
  return [
    { name: `${prefix}${id}`, type: labels },
    { name: `${prefix}${id}_score`, type: scores },
    ...(allScores ? [{ name: `${prefix}${id}_scores`, type: 'json' as const }] : []),
  ];
}

/**
 * For each head its accepted labels and their scores (lists for a multi-label head), then whether the classifier
 * abstains and why, and whether the text was cut.
 */
export function labelColumns({ heads }: Taxonomy, options: LabelColumnOptions): AddedColumns {
  const { prefix, allScores } = options;
  return {
    columns: [
      ...heads.flatMap((head) => headColumns(head, options)),
      { name: `${prefix}abstains`, type: 'boolean' },
      { name: `${prefix}reasons`, type: 'strings' },
      { name: `${prefix}truncated`, type: 'boolean' },
    ],
    cells(outcome) {
      const { prediction } = outcome as Extract<Outcome, { prediction: unknown }>;
      const cells: Record<string, unknown> = {};
      for (const { id, kind } of heads) {
        const { accepted, scores } = prediction.heads[id]!;
        const ids = accepted.map((label) => label.id);
        const own = accepted.map(({ score }) => rounded(score));
        cells[`${prefix}${id}`] = kind === 'one-of' ? ids[0] : ids;
        cells[`${prefix}${id}_score`] = kind === 'one-of' ? own[0] : own;
        if (!allScores) continue;
        const all = scores.map((label) => [label.id, rounded(label.score)] as const);
        cells[`${prefix}${id}_scores`] = Object.fromEntries(all);
      }
      cells[`${prefix}abstains`] = prediction.abstains;
      cells[`${prefix}reasons`] = prediction.reasons;
      cells[`${prefix}truncated`] = prediction.truncated;
      return cells;
    },
  };
}

/** Names of the columns of vectors: what reads them looks for these. */
export const VECTOR_COLUMNS = {
  vector: 'vector',
  encoder: 'encoder',
  digest: 'text_sha256',
  truncated: 'truncated',
} as const;

/** Names the text that a vector is of. */
export const textDigest = (text: string) => createHash('sha256').update(text).digest('hex');

/**
 * @param encoder Key of the encoder's identity: written into every row, for vectors of two encoders must not mix.
 * @param names Columns that were read.
 */
export function vectorColumns(encoder: string, names: TextColumns): AddedColumns {
  return {
    columns: [
      { name: VECTOR_COLUMNS.vector, type: 'vector' },
      { name: VECTOR_COLUMNS.encoder, type: 'string' },
      { name: VECTOR_COLUMNS.digest, type: 'string' },
      { name: VECTOR_COLUMNS.truncated, type: 'boolean' },
    ],
    cells(outcome, columns) {
      const read = rowText(columns, names);
      const { vector, truncated } = outcome as Extract<Outcome, { vector: unknown }>;
      return {
        [VECTOR_COLUMNS.vector]: vector,
        [VECTOR_COLUMNS.encoder]: encoder,
        [VECTOR_COLUMNS.digest]: 'text' in read ? textDigest(read.text) : null,
        [VECTOR_COLUMNS.truncated]: truncated,
      };
    },
  };
}
