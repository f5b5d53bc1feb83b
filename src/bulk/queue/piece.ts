/** A piece of a run: a block, or some of its rows that are tried apart from the others. */

/** Rows `from` to `to` (exclusive) of a block. */
export interface Range {
  block: number;
  from: number;
  to: number;
}

/** The name of a piece among the answers of its run. */
export const pieceName = ({ block, from, to }: Range) => `${block}:${from}-${to}`;

/** The halves of a piece of two rows or more: the same whoever asks. */
export function halves<Piece extends Range>(piece: Piece): [Piece, Piece] {
  const middle = Math.ceil((piece.from + piece.to) / 2);
  return [
    { ...piece, to: middle },
    { ...piece, from: middle },
  ];
}

/** For people. Rows are counted from 1. */
export const describePiece = (name: string, { block, from, to }: Range) =>
  `${name}: block ${block}, rows ${from + 1}–${to}`;
