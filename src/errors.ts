/** Every error rasid raises for a person: a stable code, the HTTP status it maps to, what happened, what to do. */

/** The catalogue: code → HTTP status and meaning. Documented in docs/errors.md, which a test keeps equal to it. */
export const ERRORS = {
  // Commands and settings
  usage: { status: 400, meaning: 'A command was called with unknown or missing arguments.' },
  'config-invalid': {
    status: 500,
    meaning: 'A setting has a value it cannot have, or a name that is unknown.',
  },
  cancelled: { status: 503, meaning: 'The work was cancelled before it was done; nothing was changed.' },

  // Files
  'file-unreadable': { status: 500, meaning: 'A file or folder is missing or cannot be read.' },
  'output-unwritable': { status: 500, meaning: 'An output folder or file cannot be written.' },
  'output-occupied': {
    status: 409,
    meaning: 'The output belongs to another run, or another run is writing it now.',
  },
  'disk-full': {
    status: 500,
    meaning: 'The disk filled up while writing; what stood there before is untouched.',
  },

  // Data
  'data-invalid': { status: 422, meaning: 'A record breaks the schema; file, line and field are named.' },
  'data-empty': { status: 422, meaning: 'A file or split holds no usable record.' },
  'label-unknown': {
    status: 422,
    meaning: 'A record names a head or label that the taxonomy does not hold.',
  },
  'id-duplicate': { status: 422, meaning: 'Two records have the same id.' },
  'utf8-invalid': { status: 422, meaning: 'A file or request holds bytes that are not valid UTF-8.' },
  'taxonomy-invalid': { status: 422, meaning: 'The taxonomy file breaks its schema.' },
  'import-invalid': {
    status: 422,
    meaning: 'A foreign file cannot be imported: its format or its mapping is wrong.',
  },
  'csv-invalid': { status: 422, meaning: 'A CSV or TSV file is malformed; file and row are named.' },
  'parquet-invalid': { status: 422, meaning: 'A Parquet file is malformed or cut short.' },
  'gzip-invalid': { status: 422, meaning: 'A gzip stream is damaged or cut short.' },
  'audit-failed': { status: 422, meaning: 'The corpus breaks a rule that the audit was told to enforce.' },

  // Encoder
  'encoder-missing': {
    status: 500,
    meaning: 'No encoder is found in the folder or under the hub name given.',
  },
  'encoder-corrupt': { status: 500, meaning: 'A file of the encoder is damaged or of the wrong shape.' },
  'encoder-mismatch': { status: 500, meaning: 'Two sets of vectors come from different encoders.' },
  'hub-unreachable': {
    status: 503,
    meaning: 'The model hub did not answer and the encoder is not in the cache.',
  },

  // Classifier
  'bundle-missing': { status: 500, meaning: 'No trained classifier is found where one is expected.' },
  'bundle-corrupt': {
    status: 500,
    meaning: 'A file of the trained classifier is missing, truncated or changed.',
  },
  'version-unknown': { status: 404, meaning: 'The store of classifiers holds no such version.' },
  'bundle-mismatch': { status: 500, meaning: 'The classifier was trained on vectors of another encoder.' },
  'backend-unavailable': {
    status: 500,
    meaning: 'The TensorFlow.js backend asked for cannot be loaded here.',
  },
  'training-impossible': { status: 422, meaning: 'The data cannot train the classifier that is asked for.' },
  'threshold-unreachable': {
    status: 422,
    meaning: 'No threshold gives a label the precision that was demanded.',
  },
  'resume-mismatch': { status: 409, meaning: 'The run to be resumed was begun with other data or settings.' },

  // Requests
  'request-invalid': { status: 400, meaning: 'The request breaks the schema; the fields are named.' },
  unauthorised: { status: 401, meaning: 'An API key is needed and none, or an unknown one, was sent.' },
  forbidden: { status: 403, meaning: 'The key sent does not open this path, or the path is switched off.' },
  'not-found': { status: 404, meaning: 'No such path.' },
  'method-not-allowed': { status: 405, meaning: 'The path exists, but not for this method.' },
  'request-timeout': { status: 408, meaning: 'The request did not arrive in full within the time limit.' },
  'body-too-large': { status: 413, meaning: 'The request body is over the limit.' },
  'request-too-large': {
    status: 413,
    meaning: 'The texts of one request are more than the queue may ever hold.',
  },
  'media-type-unsupported': { status: 415, meaning: 'The request body is not JSON in UTF-8.' },
  'text-unreadable': {
    status: 422,
    meaning: 'A text holds nothing that can be read (only marks, emoji or controls).',
  },
  'rate-limited': {
    status: 429,
    meaning: 'This key or address sent more requests than it may; Retry-After says when.',
  },
  'headers-too-large': { status: 431, meaning: 'The request headers are over the limit.' },

  // Serving
  overloaded: { status: 429, meaning: 'The queue is full; Retry-After says when to come back.' },
  'deadline-exceeded': {
    status: 503,
    meaning: 'The request waited longer than its deadline and was not begun.',
  },
  'worker-failed': { status: 503, meaning: 'The inference worker stopped; it is being replaced.' },
  'not-ready': { status: 503, meaning: 'The model is not loaded yet.' },
  draining: { status: 503, meaning: 'The server is shutting down and takes no new work.' },
  'rollback-impossible': { status: 409, meaning: 'There is no earlier model to go back to.' },
  'reload-failed': { status: 500, meaning: 'The new model could not be loaded; the old one serves on.' },

  // Queue
  'queue-unreachable': {
    status: 503,
    meaning: 'Redis does not answer, is too old, or refuses the credentials or a command.',
  },
  'queue-full': { status: 503, meaning: 'Redis has no memory left.' },
  'queue-invalid': { status: 500, meaning: 'A job in the queue is damaged or of an unknown version.' },
  'run-unknown': { status: 404, meaning: 'The queue holds no run of this name.' },
  'run-occupied': { status: 409, meaning: 'The queue holds another run of this name.' },
  'run-unfinished': { status: 409, meaning: 'Rows of the run are not answered yet.' },
  'run-cancelled': { status: 409, meaning: 'The run was cancelled; its answers are gone.' },
  'run-collected': { status: 409, meaning: 'The run was collected already; its answers are gone.' },
  'model-mismatch': {
    status: 409,
    meaning: 'Answers of the queue come from another model than the run asks for.',
  },

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

/** The catalogue as the Markdown table that docs/errors.md holds. */
export function errorsTable(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { status, meaning }]) => `| \`${code}\` | ${status} | ${meaning} |`,
  );
  return ['| code | HTTP status | meaning |', '|---|---|---|', ...rows].join('\n');
}
