/** Worker thread: holds one session and answers one request at a time. */

import { parentPort, workerData } from 'node:worker_threads';
import { RasidError } from '../errors.ts';
import type { LocatedEncoder } from './locate.ts';
import { type Encoded, openSession } from './session.ts';

export interface WorkerRequest {
  texts: readonly string[];
}

export type WorkerAnswer =
  | { kind: 'ready' }
  | { kind: 'encoded'; encoded: Encoded }
  | { kind: 'failed'; code: RasidError['code']; message: string; hint: string | undefined };

const port = parentPort!;

function answerFailure(error: unknown): void {
  const known = error instanceof RasidError ? error : new RasidError('internal', String(error));
  port.postMessage({
    kind: 'failed',
    code: known.code,
    message: known.message,
    hint: known.hint,
  } satisfies WorkerAnswer);
}

try {
  const session = await openSession(workerData as LocatedEncoder);
  port.on('message', ({ texts }: WorkerRequest) => {
    session.encode(texts).then((encoded) => {
      port.postMessage({ kind: 'encoded', encoded } satisfies WorkerAnswer, [
        encoded.vectors.buffer as ArrayBuffer,
      ]);
    }, answerFailure);
  });
  port.postMessage({ kind: 'ready' } satisfies WorkerAnswer);
} catch (error) {
  answerFailure(error);
  port.close();
}
