/**
 * Blocks: the unit of bulk work. A run, on one machine or on many, cuts its input into blocks of consecutive rows; one
 * function turns a block into its answers, wherever it runs.
 */

import type { Answer } from '../classifier/pipeline.ts';
import type { ErrorCode } from '../errors.ts';

/** One row of the input. `columns` is the whole row as read, so that nothing of it is lost in the output. */
export interface Row {
  /** File as named by the user; `-` for standard input. */
  file: string;
  /** 1-based line (JSONL), line that the record begins in (CSV) or row (Parquet). */
  line: number;
  columns: Record<string, unknown>;
}

/** Consecutive rows, in the order of the input. */
export interface Block {
  /** 0-based position of the block in the run. */
  index: number;
  rows: Row[];
}

/** A row that is not in the output, and why. */
export interface Rejection {
  file: string;
  line: number;
  /** Last of several rows that are lost together. */
  lastLine?: number;
  code: ErrorCode;
  reason: string;
  /** What the row holds, where it could be read. */
  columns?: Record<string, unknown>;
}

/** A block as it is read: with the rows in its range that could not be read. */
export interface InputBlock extends Block {
  /** In their order; each stands before the row of that index. */
  problems: { before: number; rejection: Rejection }[];
}

/** What became of a row: an answer or a reason. One per row, in the order of the rows. */
export type Outcome =
  | { prediction: Answer }
  | { vector: Float32Array; truncated: boolean }
  | { code: ErrorCode; reason: string };

/** What a block became, and the identity of the model that answered it. */
export interface BlockAnswer {
  index: number;
  /** The bundle's version for labels, the encoder's identity for vectors: equal for every block of one run. */
  model: string;
  outcomes: Outcome[];
}

/** Answers a block. A row that fails is an outcome with a reason; it never fails its block. */
export type AnswerBlock = (block: Block) => Promise<BlockAnswer>;
