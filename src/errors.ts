/** Every error rasid raises for a person: a stable code, the HTTP status it maps to, what happened, what to do. */

/** The catalogue: code → HTTP status and meaning. Documented in docs/errors.md, which a test keeps equal to it. */
export const ERRORS = {
  usage: { status: 400, meaning: 'A command was called with unknown or missing arguments.' },
  'config-invalid': { status: 500, meaning: 'A setting has a value it cannot have, or a name that is unknown.' },
  'file-unreadable': { status: 500, meaning: 'A file or folder is missing or cannot be read.' },
  'output-unwritable': { status: 500, meaning: 'An output folder or file cannot be written.' },
  'disk-full': { status: 500, meaning: 'The disk filled up while writing; what stood there before is untouched.' },
  'data-invalid': { status: 422, meaning: 'A record breaks the schema; file, line and field are named.' },
  'data-empty': { status: 422, meaning: 'A file or split holds no usable record.' },
  'taxonomy-invalid': { status: 422, meaning: 'The taxonomy file breaks its schema.' },
  'encoder-missing': { status: 500, meaning: 'No encoder is found in the folder or under the hub name given.' },
  'encoder-corrupt': { status: 500, meaning: 'A file of the encoder is damaged or of the wrong shape.' },
  'hub-unreachable': { status: 503, meaning: 'The model hub did not answer and the encoder is not in the cache.' },
  'bundle-missing': { status: 500, meaning: 'No trained classifier is found where one is expected.' },
  'bundle-corrupt': { status: 500, meaning: 'A file of the trained classifier is missing, truncated or changed.' },
  'bundle-mismatch': { status: 500, meaning: 'The classifier was trained on vectors of another encoder.' },
  'training-impossible': { status: 422, meaning: 'The data cannot train the classifier that is asked for.' },
  'request-invalid': { status: 400, meaning: 'The request body breaks the schema; the fields are named.' },
  'text-unreadable': { status: 422, meaning: 'A text holds nothing that can be read (only marks, emoji or controls).' },
  'body-too-large': { status: 413, meaning: 'The request body is over the limit.' },
  'media-type-unsupported': { status: 415, meaning: 'The request body is not JSON in UTF-8.' },
  'not-found': { status: 404, meaning: 'No such path.' },
  'method-not-allowed': { status: 405, meaning: 'The path exists, but not for this method.' },
  'worker-failed': { status: 503, meaning: 'The inference worker stopped; it is being replaced.' },
  draining: { status: 503, meaning: 'The server is shutting down and takes no new work.' },
  internal: { status: 500, meaning: 'A fault in rasid itself.' },
} as const;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorOptions {
  /** What the reader can do about it: one sentence. */
  hint?: string;
  /** Further facts for programs, e.g. the fields at fault. Must be plain JSON. */
  details?: unknown;
  cause?: unknown;
}

export class RasidError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly hint: string | undefined;
  readonly details: unknown;

  /** @param message What happened and where: file, line, field. */
  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'RasidError';
    this.code = code;
    this.status = ERRORS[code].status;
    this.hint = options.hint;
    this.details = options.details;
  }
}

/** The error code of a failed system call (`ENOENT`, `ENOSPC`, …), if the value is one. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Turns a failed write into an error that a person can act on; anything else is returned as it came. */
export function describeWriteError(error: unknown, path: string): unknown {
  const code = systemErrorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return new RasidError('disk-full', `${path}: no space left while writing`, {
      hint: 'Free some space and run the command again; what was there before has not been changed.',
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR' || code === 'EEXIST') {
    return new RasidError('output-unwritable', `${path}: cannot be written (${code})`, {
      hint: 'Choose another output folder or change its permissions.',
      cause: error,
    });
  }
  return error;
}

/** Turns a failed read into an error that names the path; anything else is returned as it came. */
export function describeReadError(error: unknown, path: string): unknown {
  const code = systemErrorCode(error);
  if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR' || code === 'ENOTDIR') {
    const reason = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    return new RasidError('file-unreadable', `${path}: ${reason}`, { hint: 'Check the path.', cause: error });
  }
  return error;
}
