/** Errors as RFC 9457 problem documents: a stable code, never a stack trace. */

import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, Response } from 'express';
import { z } from 'zod';
import { RasidError } from '../errors.ts';
import { factsOf } from './facts.ts';
import type { Problem } from './schemas.ts';

/** Fields at fault that a problem names. */
const MOST_FIELDS = 20;
/** A message may quote the request, which may be long. */
const LONGEST_MESSAGE = 300;

const short = (message: string) =>
  message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…`.toWellFormed() : message;

export function describeProblem(error: RasidError, requestId?: string): Problem {
  const errors = (error.details as { errors?: Problem['errors'] } | undefined)?.errors;
  return {
    type: `urn:rasid:${error.code}`,
    title: error.code.replaceAll('-', ' '),
    status: error.status,
    code: error.code,
    detail: short(error.message),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(requestId === undefined ? {} : { instance: `urn:rasid:request:${requestId}` }),
    ...(errors === undefined ? {} : { errors }),
  };
}

/** What a failed parse of a request says, the first field in the message. */
export function invalidRequest(error: z.ZodError): RasidError {
  const errors = error.issues
    .slice(0, MOST_FIELDS)
    .map(({ path, message }) => ({ path: short(path.join('.')), message: short(message) }));
  const first = errors[0]!;
  return new RasidError('request-invalid', `${first.path === '' ? 'body' : first.path}: ${first.message}`, {
    details: { errors },
  });
}

/** What body-parser and Express report, by `type` or `status`. */
function fromExpress(error: { type?: unknown; status?: unknown }, bodyLimit: number): RasidError | undefined {
  switch (error.type) {
    case 'entity.too.large':
      return new RasidError('body-too-large', `the body is longer than ${bodyLimit} bytes`);
    case 'encoding.unsupported':
      return new RasidError('media-type-unsupported', 'the body is compressed in a way that is not known');
    default:
      return typeof error.status === 'number' && error.status >= 400 && error.status < 500
        ? new RasidError('request-invalid', 'the request cannot be read')
        : undefined;
  }
}

/** What the client may know of an error; undefined where it is a fault of the server. */
export function knownError(error: unknown, bodyLimit: number): RasidError | undefined {
  if (error instanceof z.ZodError) return invalidRequest(error);
  if (error instanceof RasidError) return error.code === 'internal' ? undefined : error;
  return fromExpress((error ?? {}) as { type?: unknown; status?: unknown }, bodyLimit);
}

export const internalError = () => new RasidError('internal', 'a fault in the server; it has been logged');

export function sendProblem(response: Response, error: RasidError): void {
  const facts = factsOf(response);
  facts.code = error.code;
  const retryAfter = (error.details as { retryAfter?: number } | undefined)?.retryAfter;
  if (retryAfter !== undefined) response.set('Retry-After', String(retryAfter));
  response
    .status(error.status)
    .type('application/problem+json')
    .send(JSON.stringify(describeProblem(error, facts.id)));
}

/** The last handler: every error becomes a problem; an unknown one is reported to `onFault` and says nothing of itself. */
export function problemHandler(bodyLimit: number, onFault: (error: unknown) => void): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    // The client has gone, or has been told already.
    if (response.headersSent || request.socket.destroyed) {
      request.socket.destroy();
      return;
    }
    const known = knownError(error, bodyLimit);
    if (known === undefined) onFault(error);
    sendProblem(response, known ?? internalError());
  };
}

/** A whole HTTP response for a connection whose request could not even be parsed. */
export function rawProblem(error: RasidError): string {
  const body = JSON.stringify(describeProblem(error));
  return [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
