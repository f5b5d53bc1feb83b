/** Worker process: holds one session and answers requests one after the other, in their order. */

import { constants, getPriority, setPriority } from 'node:os';
import { RasidError } from '../errors.ts';
import type { LocatedEncoder } from './locate.ts';
import { type Encoded, openSession, type Session } from './session.ts';

export interface WorkerRequest {
  texts: readonly string[];
}

/** The first message of all names the encoder. */
export type WorkerMessage = { located: LocatedEncoder } | WorkerRequest;

export type WorkerAnswer =
  | { kind: 'ready' }
  | { kind: 'encoded'; encoded: Encoded }
  | { kind: 'failed'; code: RasidError['code']; message: string; hint: string | undefined };

/**
 * Nicer than the process that reads requests and answers `/health`, so that full workers do not keep it waiting: at 2 the
 * p99 of `/health` under overload was half as long again.
 */
const NICER = 10;

function stepBack(): void {
  try {
    setPriority(Math.min(constants.priority.PRIORITY_LOW, getPriority() + NICER));
  } catch {
    // Not allowed here: it runs all the same.
  }
}

const answer = (message: WorkerAnswer) => void process.send!(message);

function answerFailure(error: unknown): void {
  const known = error instanceof RasidError ? error : new RasidError('internal', String(error));
  answer({ kind: 'failed', code: known.code, message: known.message, hint: known.hint });
}

// A terminal and systemd signal the whole group; a worker ends when the process that owns it is done with it.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('SIGHUP', () => {});
process.on('disconnect', () => process.exit(0));
let session: Session | undefined;

async function handle(message: WorkerMessage): Promise<void> {
  try {
    if ('located' in message) {
      session = await openSession(message.located);
      stepBack();
      answer({ kind: 'ready' });
    } else answer({ kind: 'encoded', encoded: await session!.encode(message.texts) });
  } catch (error) {
    answerFailure(error);
  }
}

let last = Promise.resolve();
process.on('message', (message: WorkerMessage) => {
  last = last.then(() => handle(message));
});
