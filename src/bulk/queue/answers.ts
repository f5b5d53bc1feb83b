/** Where the rows and answers of a piece lie: in Redis, or in the shared folder with a word about it in Redis. */

import { RasidError } from '../../errors.ts';
import type { Row } from '../block.ts';
import type { BlockJob } from './jobs.ts';
import { type Piece, sharedFiles, unpackPiece, unpackRows } from './payload.ts';
import { describePiece, halves, pieceName, type Range } from './piece.ts';
import type { RunState } from './run-state.ts';
import type { Runs } from './runs.ts';

const DIVIDED = 'divided';
const IN_FILE = 'file';

/** Rows of a job. @throws RasidError `file-unreadable`, `queue-invalid`. */
export async function readRows(job: BlockJob): Promise<Row[]> {
  const { run, block, from, to, rows, shared } = job;
  const bytes =
    rows === undefined ? await sharedFiles(shared!, run).readRows(block) : Buffer.from(rows, 'base64');
  return (await unpackRows(bytes, describePiece(run.name, job))).slice(from, to);
}

/**
 * Keeps the answers of a piece, unless something is kept for it already: a second delivery changes nothing.
 * @throws RasidError `disk-full` or `output-unwritable` of the shared folder.
 */
export async function keepAnswers(runs: Runs, job: BlockJob, packed: Buffer): Promise<void> {
  const { run, shared, from, to } = job;
  if (shared !== undefined) {
    if (!(await runs.isOpen(run))) return;
    await sharedFiles(shared, run).writeAnswers(job, packed);
  }
  await runs.keep(run, pieceName(job), to - from, shared === undefined ? packed : IN_FILE);
}

/** Notes that the halves of a piece are answered instead. @returns False where the piece itself was answered before. */
export async function pieceIsDivided(runs: Runs, job: BlockJob): Promise<boolean> {
  const name = pieceName(job);
  return (
    (await runs.keep(job.run, name, 0, DIVIDED)) || (await runs.answer(job.run, name))?.toString() === DIVIDED
  );
}

/**
 * Answers of a piece, its halves put together where it was divided.
 * @param missing Called where a piece has no answer yet, with the number of looks for it, until it has; may throw.
 * @throws RasidError `file-unreadable`, `queue-invalid`, and what `missing` throws.
 */
export async function readAnswers(
  runs: Runs,
  run: RunState,
  range: Range,
  missing: (range: Range, looks: number) => Promise<void>,
): Promise<Piece[]> {
  const { shared } = run.description;
  const place = describePiece(run.name, range);
  for (let looks = 1; ; looks++) {
    const kept = await runs.answer(run, pieceName(range));
    if (kept === undefined) {
      await missing(range, looks);
      continue;
    }
    if (kept.toString() === DIVIDED) {
      const pieces: Piece[] = [];
      for (const half of halves(range)) pieces.push(...(await readAnswers(runs, run, half, missing)));
      return pieces;
    }
    const packed = shared === undefined ? kept : await sharedFiles(shared, run).readAnswers(range);
    const piece = await unpackPiece(packed, place);
    if (piece.outcomes.length === range.to - range.from) return [piece];
    throw new RasidError('queue-invalid', `${place}: has ${piece.outcomes.length} answers`, {
      hint: 'Cancel the run and submit it again.',
    });
  }
}
