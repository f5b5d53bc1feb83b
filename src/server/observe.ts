/** Request ids, one log line a request, and its metrics. */

import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import { startFacts } from './facts.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

/** An id that a proxy may give; anything else is replaced, for it goes into logs and headers. */
const REQUEST_ID = /^[\w.-]{1,64}$/;
/** Status in log and metrics of an answer that its client did not wait for. */
const CLIENT_GONE = 499;

/**
 * Names the request, and writes it down when its answer is over, sent or not.
 * @param routes Paths that log and metrics name, in lower case; any other is `other`.
 */
export function observeRequests(log: Log, metrics: Metrics, routes: ReadonlySet<string>): RequestHandler {
  return (request, response, next) => {
    const given = request.get('x-request-id');
    // As Express matches them: in any case, and with a slash at the end or without.
    const path = request.path.toLowerCase().replace(/(?<=.)\/$/, '');
    const facts = startFacts(response, {
      id: given && REQUEST_ID.test(given) ? given : randomUUID(),
      route: routes.has(path) ? path : 'other',
    });
    response.set('X-Request-Id', facts.id);
    response.once('close', () => {
      const ms = performance.now() - facts.began;
      const { id: requestId, route, texts, tokens, code, content, key } = facts;
      const { method } = request;
      const status = response.writableFinished ? response.statusCode : CLIENT_GONE;
      metrics.onRequest({ route, method, status, ms, code });
      log.info(
        { requestId, method, route, status, ms: Math.round(ms * 10) / 10, key, code, texts, tokens, content },
        'request',
      );
    });
    next();
  };
}
