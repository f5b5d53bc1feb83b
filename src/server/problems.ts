/** Errors as RFC 9457 problem documents: a stable code, never a stack trace. */

import type { ErrorRequestHandler, Response } from 'express';
import { z } from 'zod';
import { type ErrorCode, RasidError } from '../errors.ts';

export interface Problem {
  /** Names the kind of error: `urn:rasid:<code>`. */
  type: string;
  title: string;
  status: number;
  code: ErrorCode;
  detail: string;
  hint?: string;
  /** For `request-invalid`: the fields at fault. */
  errors?: { path: string; message: string }[];
}

export function sendProblem(response: Response, error: RasidError, errors?: Problem['errors']): void {
  const problem: Problem = {
    type: `urn:rasid:${error.code}`,
    title: error.code.replaceAll('-', ' '),
    status: error.status,
    code: error.code,
    detail: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(errors === undefined ? {} : { errors }),
  };
  response.status(error.status).type('application/problem+json').send(JSON.stringify(problem));
}

/** What body-parser reports, by its `type`. */
function fromBodyParser(
  error: { type?: unknown; status?: unknown },
  bodyLimit: number,
): RasidError | undefined {
  switch (error.type) {
    case 'entity.too.large':
      return new RasidError('body-too-large', `the body is longer than ${bodyLimit} bytes`);
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new RasidError('media-type-unsupported', 'the body must be JSON in UTF-8');
    case 'entity.parse.failed':
      return new RasidError('request-invalid', 'the body is not valid JSON');
    default:
      return typeof error.status === 'number' && error.status >= 400 && error.status < 500
        ? new RasidError('request-invalid', 'the request cannot be read')
        : undefined;
  }
}

/** The last handler: every error becomes a problem document; an unknown one is reported to `onFault` and says nothing of itself. */
export function problemHandler(bodyLimit: number, onFault: (error: unknown) => void): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error);
    if (error instanceof z.ZodError) {
      const errors = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
      const first = errors[0]!;
      const detail = `${first.path === '' ? 'body' : first.path}: ${first.message}`;
      return sendProblem(response, new RasidError('request-invalid', detail), errors);
    }
    const known =
      error instanceof RasidError
        ? error
        : fromBodyParser((error ?? {}) as { type?: unknown; status?: unknown }, bodyLimit);
    if (known !== undefined && known.code !== 'internal') return sendProblem(response, known);
    onFault(error);
    sendProblem(response, new RasidError('internal', 'a fault in the server; it has been logged'));
  };
}
