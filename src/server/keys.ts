/** API keys: the settings hold their sha256, several at a time so that one can be replaced without a pause. */

import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { RasidError } from '../errors.ts';
import { factsOf } from './facts.ts';

/** The key of a request: `Authorization: Bearer <key>` or `X-API-Key: <key>`. */
function presentedKey(request: Request): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(request.get('authorization') ?? '')?.[1];
  return bearer ?? request.get('x-api-key');
}

/**
 * A function that knows which key was presented. Every hash is compared in constant time, whichever matches.
 * @param hashes sha256, lower-case hexadecimal.
 * @returns The head of the key's hash, a name that gives nothing away; undefined for an unknown key.
 */
export function createKeyring(hashes: readonly string[]): (request: Request) => string | undefined {
  const known = hashes.map((hash) => ({ name: hash.slice(0, 8), hash: Buffer.from(hash, 'hex') }));
  return (request) => {
    const key = presentedKey(request);
    if (key === undefined) return undefined;
    const hash = createHash('sha256').update(key).digest();
    let found: string | undefined;
    for (const { name, hash: other } of known) if (timingSafeEqual(hash, other)) found = name;
    return found;
  };
}

/** Notes whose request it is. */
export function identify(hashes: readonly string[]): RequestHandler {
  const whose = createKeyring(hashes);
  return (request, response, next) => {
    const key = whose(request);
    if (key !== undefined) factsOf(response).key = key;
    next();
  };
}

/** Refuses requests without a known key. */
export const requireKey: RequestHandler = (_request, response, next) => {
  if (factsOf(response).key !== undefined) return next();
  response.set('WWW-Authenticate', 'Bearer');
  throw new RasidError('unauthorised', 'this path needs an API key, and none that is known was sent', {
    hint: 'Send Authorization: Bearer <key>, or X-API-Key: <key>.',
  });
};

/** @param hash Of the admin key; empty: admin paths are off. */
export function requireAdmin(hash: string): RequestHandler {
  const whose = createKeyring(hash === '' ? [] : [hash]);
  return (request, _response, next) => {
    if (hash === '') throw new RasidError('forbidden', 'admin paths are off: no admin key is set');
    if (whose(request) === undefined) throw new RasidError('forbidden', 'this path needs the admin key');
    next();
  };
}
