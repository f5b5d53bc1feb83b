/** How rows become bytes of an output file, piece by piece, so that a file can be gone on with after any piece. */

import type { ColumnType } from '../../dataset/formats/item.ts';

/** `strings` and `doubles`: lists of them; `vector`: a Float32Array. */
export type OutputType = ColumnType | 'strings' | 'doubles' | 'vector';

export interface OutputColumn {
  name: string;
  type: OutputType;
}

export interface Piece {
  bytes: Uint8Array;
  /** What the writer must be told to go on behind this piece; one line. */
  note?: string;
}

export interface RowWriter {
  add(row: Record<string, unknown>): void;
  /** The rows since the last call. The same rows in the same pieces give the same bytes. */
  take(): Promise<Piece>;
  /** What ends the file. All rows must have been taken. */
  end(): Promise<Uint8Array>;
}

/** What was written before this writer was opened. */
export interface Written {
  bytes: number;
  /** Of all pieces, in their order. */
  notes: readonly string[];
}

export const NOTHING_WRITTEN: Written = { bytes: 0, notes: [] };
