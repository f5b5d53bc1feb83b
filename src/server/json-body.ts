/** The JSON body of a request. RFC 8259 allows UTF-8 alone; bytes that are none are refused, not replaced. */

import express, { type RequestHandler } from 'express';
import { RasidError } from '../errors.ts';

const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]*)/i;

/** Without a byte order mark, where there is one. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

function parse(bytes: Buffer): unknown {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new RasidError('utf8-invalid', 'the body holds bytes that are not valid UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new RasidError('request-invalid', 'the body is not valid JSON');
  }
}

/** Refuses what is no JSON in UTF-8 before it is read. */
export const requireJson: RequestHandler = (request, _response, next) => {
  const charset = CHARSET.exec(request.headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  if (request.is('application/json') && charset.toLowerCase() === 'utf-8') return next();
  throw new RasidError(
    'media-type-unsupported',
    'the body must be JSON in UTF-8: send Content-Type: application/json',
  );
};

/**
 * Reads and parses the body into `request.body`.
 * @param limit Longest body, bytes, after it is decompressed.
 */
export function readJson(limit: number): RequestHandler[] {
  const toValue: RequestHandler = (request, _response, next) => {
    request.body = parse(request.body ?? Buffer.alloc(0));
    next();
  };
  return [express.raw({ limit, type: () => true }), toValue];
}
