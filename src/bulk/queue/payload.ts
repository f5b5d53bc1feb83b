/** Blocks and outcomes as they travel: packed into bytes, in Redis or in files of a folder that all machines share. */

import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import { formatJson } from '../../dataset/formats/json.ts';
import { describeReadError, RasidError } from '../../errors.ts';
import { writeFileAtomically } from '../../storage.ts';
import type { Outcome, Row } from '../block.ts';

const deflate = promisify<Buffer, Buffer>(deflateRaw);
const inflate = promisify<Buffer, Buffer>(inflateRaw);

/** Rows `from` to `to` (exclusive) of a block, answered. */
export interface Piece {
  to: number;
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
    return JSON.parse((await inflate(bytes)).toString()) as Row[];
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

/** Files of a run in the shared folder. */
export interface SharedFiles {
  write(name: string, bytes: Buffer): Promise<void>;
  /** @throws RasidError `file-unreadable`. */
  read(name: string): Promise<Buffer>;
  remove(): Promise<void>;
}

export function sharedFiles(folder: string, run: string): SharedFiles {
  const own = join(folder, run);
  return {
    async write(name, bytes) {
      await mkdir(own, { recursive: true });
      await writeFileAtomically(join(own, name), bytes);
    },
    read: (name) =>
      readFile(join(own, name)).catch((error: unknown) => {
        throw describeReadError(error, join(own, name));
      }),
    remove: () => rm(own, { recursive: true, force: true }),
  };
}
