/** What every request passes first: security headers, origins, rates, and clients too slow to wait for. */

import type { RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import type { Config } from '../config.ts';
import { RasidError } from '../errors.ts';
import { factsOf } from './facts.ts';
import { sendProblem } from './problems.ts';

/** Nothing from elsewhere, no inline script, no inline style, no frame. */
export const securityHeaders = (): RequestHandler =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // TLS is the proxy's, and so is this promise about it.
    strictTransportSecurity: false,
    xFrameOptions: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
  });

const EXPOSED = 'X-Request-Id, Server-Timing, Retry-After, RateLimit, RateLimit-Policy';

/** Lets browsers of the origins named call the API. */
export function allowOrigins(origins: readonly string[]): RequestHandler {
  const known = new Set(origins.map((origin) => new URL(origin).origin));
  return (request, response, next) => {
    response.vary('Origin');
    const origin = request.get('origin');
    if (origin === undefined || !known.has(origin)) return next();
    response.set({ 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': EXPOSED });
    response.set('Cross-Origin-Resource-Policy', 'cross-origin');
    if (request.method !== 'OPTIONS' || request.get('access-control-request-method') === undefined)
      return next();
    response.set({
      'Access-Control-Allow-Methods': 'GET, POST',
      'Access-Control-Allow-Headers': 'Authorization, Content-Type, X-API-Key, X-Request-Id',
      'Access-Control-Max-Age': '600',
    });
    response.status(204).end();
  };
}

/** @param perMinute Most requests of one key, or of one address without a known key. */
export function limitRate(perMinute: number): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    identifier: 'rasid',
    // Its checks write to the console whatever a client puts into forwarding headers.
    validate: false,
    keyGenerator: (request, response) => factsOf(response).key ?? ipKeyGenerator(request.ip ?? ''),
    handler: (_request, response) => {
      const retryAfter = Number(response.get('Retry-After') ?? 60);
      sendProblem(
        response,
        new RasidError('rate-limited', `more than ${perMinute} requests in a minute`, {
          hint: `Come back in ${retryAfter} s.`,
          details: { retryAfter },
        }),
      );
    },
  });
}

/** A body must have arrived in time. The connection is closed, for the rest of the body may still come. */
export function bodyWithin({ receiveTimeout }: Pick<Config, 'receiveTimeout'>): RequestHandler {
  return (request, response, next) => {
    if (request.complete) return next();
    const timer = setTimeout(() => {
      if (request.complete || response.headersSent) return;
      response.set('Connection', 'close');
      response.once('finish', () => request.socket.destroySoon());
      sendProblem(
        response,
        new RasidError('request-timeout', `the body did not arrive within ${receiveTimeout} ms`),
      );
    }, receiveTimeout);
    const stop = () => clearTimeout(timer);
    request.once('end', stop);
    response.once('close', stop);
    next();
  };
}

/** Cuts off a client that does not take its answer. */
export function answerWithin({ receiveTimeout }: Pick<Config, 'receiveTimeout'>): RequestHandler {
  return (request, response, next) => {
    response.once('prefinish', () => {
      if (response.writableFinished) return;
      const timer = setTimeout(() => request.socket.destroy(), receiveTimeout);
      response.once('close', () => clearTimeout(timer));
    });
    next();
  };
}
