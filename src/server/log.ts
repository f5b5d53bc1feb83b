/** JSON log lines on standard output. They hold no text of a request unless the settings allow it. */

import pino from 'pino';
import type { Config } from '../config.ts';

export type Log = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;

/** Lines kept, bytes, while the reader of the log stands still; later ones are dropped rather than memory filled. */
const MOST_BUFFERED = 4 * 2 ** 20;
/** Lines are written together once they fill this many bytes, or after this many ms: a system call for each would cost a tenth of the main process. */
const TOGETHER = { bytes: 4_096, ms: 200 };

export interface ServerLog extends Log {
  /** Writes what is buffered. Resolves too where the reader of the log has gone: there is nobody to tell. */
  flush(): Promise<void>;
}

/** @param to File descriptor. */
export function openLog({ logLevel }: Pick<Config, 'logLevel'>, to = 1): ServerLog {
  const destination = pino.destination({
    dest: to,
    sync: false,
    maxLength: MOST_BUFFERED,
    minLength: TOGETHER.bytes,
    periodicFlush: TOGETHER.ms,
  });
  const options: pino.LoggerOptions = {
    level: logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }) },
  };
  const log = pino(options, destination);
  // Not `flushSync`: where the reader has gone it tries for ever, and the process would never end.
  const flush = () => new Promise<void>((resolve) => destination.flush(() => resolve()));
  return Object.assign(log, { flush });
}

/** Writes nothing. */
export const silentLog: ServerLog = Object.assign(pino({ level: 'silent' }), { flush: async () => {} });
