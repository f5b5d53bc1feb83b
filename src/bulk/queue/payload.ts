/** Blocks and outcomes as they travel: packed into bytes, in Redis or in files of a folder that all machines share. */

import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import { formatJson, parseJson } from '../../dataset/formats/json.ts';
import { describeReadError, RasidError } from '../../errors.ts';
import { writeFileAtomically } from '../../storage.ts';
import type { Outcome, Row } from '../block.ts';
import type { Range } from './piece.ts';
import type { RunRef } from './run-state.ts';

const deflate = promisify<Buffer, Buffer>(deflateRaw);
const inflate = promisify<Buffer, Buffer>(inflateRaw);

/** Answers of a block, or of a piece of it. */
export interface Piece {
  /** Identity of the model that answered. */
  model: string;
  /** `digestRows` of the whole block. */
  digest: string;
  outcomes: Outcome[];
}

/** Vectors as base64 of their little-endian floats: a third of their length in decimals, and exact. */
const pack = (outcome: Outcome): unknown =>
  'vector' in outcome
    ? {
        ...outcome,
        vector: Buffer.from(new Uint8Array(Float32Array.from(outcome.vector).buffer)).toString('base64'),
      }
    : outcome;

function unpack(packed: Record<string, unknown>): Outcome {
  if (typeof packed.vector !== 'string') return packed as unknown as Outcome;
  const bytes = Uint8Array.from(Buffer.from(packed.vector, 'base64'));
  return { ...packed, vector: new Float32Array(bytes.buffer) } as unknown as Outcome;
}

export const packPiece = (piece: Piece): Promise<Buffer> =>
  deflate(Buffer.from(JSON.stringify({ ...piece, outcomes: piece.outcomes.map(pack) })));

/** @throws RasidError `queue-invalid` where the bytes are damaged. */
export async function unpackPiece(bytes: Buffer, place: string): Promise<Piece> {
  try {
    const piece = JSON.parse((await inflate(bytes)).toString()) as Piece;
    return {
      ...piece,
      outcomes: piece.outcomes.map((one) => unpack(one as unknown as Record<string, unknown>)),
    };
  } catch (cause) {
    throw new RasidError('queue-invalid', `${place}: the answers are damaged`, {
      hint: 'Cancel the run and submit it again.',
      cause,
    });
  }
}

export const packRows = async (rows: readonly Row[]): Promise<Buffer> =>
  deflate(Buffer.from(formatJson(rows)));

/** @throws RasidError `queue-invalid` where the bytes are damaged. */
export async function unpackRows(bytes: Buffer, place: string): Promise<Row[]> {
  try {
    return parseJson((await inflate(bytes)).toString()) as Row[];
  } catch (cause) {
    throw new RasidError('queue-invalid', `${place}: the rows are damaged`, {
      hint: 'Cancel the run and submit it again.',
      cause,
    });
  }
}

/** sha256 over rows: tells whether an answer belongs to what the input holds now. */
export function digestRows(rows: readonly Row[]): string {
  return createHash('sha256').update(formatJson(rows)).digest('hex');
}

/** Files of a run in the shared folder, a thousand blocks to a folder. */
export interface SharedFiles {
  writeRows(block: number, bytes: Buffer): Promise<void>;
  /** @throws RasidError `file-unreadable`. */
  readRows(block: number): Promise<Buffer>;
  writeAnswers(piece: Range, bytes: Buffer): Promise<void>;
  /** @throws RasidError `file-unreadable`. */
  readAnswers(piece: Range): Promise<Buffer>;
  remove(): Promise<void>;
}

const BLOCKS_PER_FOLDER = 1_000;

export function sharedFiles(folder: string, { name, id }: RunRef): SharedFiles {
  const own = join(folder, `${name}-${id}`);
  const at = (block: number, file: string) =>
    join(own, String(Math.floor(block / BLOCKS_PER_FOLDER)), `${block}${file}`);
  const rowsFile = (block: number) => at(block, '.rows');
  const answersFile = ({ block, from, to }: Range) => at(block, `-${from}-${to}.answers`);
  const read = (path: string) =>
    readFile(path).catch((error: unknown) => {
      throw describeReadError(error, path);
    });
  return {
    writeRows: (block, bytes) => writeFileAtomically(rowsFile(block), bytes),
    readRows: (block) => read(rowsFile(block)),
    writeAnswers: (piece, bytes) => writeFileAtomically(answersFile(piece), bytes),
    readAnswers: (piece) => read(answersFile(piece)),
    remove: () => rm(own, { recursive: true, force: true }),
  };
}
