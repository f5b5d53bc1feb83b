/** The Express application: what every request passes, and the routes. */

import express, { type Express, type RequestHandler } from 'express';
import type { Config } from '../config.ts';
import { RasidError } from '../errors.ts';
import { adminRouter } from './admin.ts';
import { batchRouter } from './batch.ts';
import { classifyRouter, type RouteOptions } from './classify.ts';
import { docsRouter } from './docs.ts';
import { allowOrigins, answerWithin, limitRate, securityHeaders } from './guards.ts';
import { describeService } from './info.ts';
import { identify, requireAdmin, requireKey } from './keys.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Models } from './models.ts';
import { observeRequests } from './observe.ts';
import { openApiDocument } from './openapi.ts';
import { problemHandler } from './problems.ts';

export interface AppOptions {
  config: Config;
  models: Models;
  metrics: Metrics;
  log: Log;
  isDraining: () => boolean;
  /** Serves `GET /` and its files. */
  page?: RequestHandler | undefined;
}

const ALLOWED = {
  '/health': 'GET, HEAD',
  '/ready': 'GET, HEAD',
  '/info': 'GET, HEAD',
  '/metrics': 'GET, HEAD',
  '/openapi.json': 'GET, HEAD',
  '/docs': 'GET, HEAD',
  '/classify': 'POST',
  '/classify/batch': 'POST',
  '/admin/reload': 'POST',
  '/admin/rollback': 'POST',
} as const;

/** Paths that need a key where any is set. */
const KEYED = ['/classify', '/info', '/metrics'];

const refuseMethod =
  (allowed: string): RequestHandler =>
  (request, response) => {
    response.set('Allow', allowed);
    throw new RasidError('method-not-allowed', `${request.method} is not possible here; ${allowed} is`);
  };

export function createApp({ config, models, metrics, log, isDraining, page }: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', false);
  app.set('trust proxy', config.trustProxy);

  const onFault = (error: unknown) => log.error({ err: error }, 'fault');
  const checkReady = () => {
    if (isDraining()) throw new RasidError('draining', 'the server is shutting down');
    if (models.current() === undefined) throw new RasidError('not-ready', 'the model is still loading');
  };
  const pipeline = () => {
    checkReady();
    return models.current()!.pipeline;
  };

  app.use(observeRequests(log, metrics, new Set(Object.keys(ALLOWED))));
  app.use(answerWithin(config), securityHeaders());
  app.use((_request, response, next) => {
    if (isDraining()) response.set('Connection', 'close');
    next();
  });

  // What is off is not mounted.
  if (config.corsOrigins.length > 0) app.use(allowOrigins(config.corsOrigins));
  if (config.apiKeys.length > 0) app.use(identify(config.apiKeys));
  if (config.rateLimit > 0) app.use([...KEYED, '/admin'], limitRate(config.rateLimit));
  if (config.apiKeys.length > 0) app.use(KEYED, requireKey);
  // First of all routes, for a request asks each in turn whether it is meant.
  const routes: RouteOptions = { config, models, metrics, checkReady, isDraining, onFault };
  app.use(classifyRouter(routes), batchRouter(routes));

  app.get('/health', (_request, response) => {
    response.json({ status: 'alive' });
  });
  app.get('/ready', (_request, response) => {
    response.json({ status: 'ready', model: pipeline().classifier.id });
  });
  app.use('/admin', requireAdmin(config.adminKey), adminRouter(models));
  app.get('/info', (_request, response) => {
    response.json(describeService(pipeline(), config));
  });
  app.get('/metrics', async (_request, response) => {
    const text = await metrics.registry.metrics();
    response.type(metrics.registry.contentType).send(text);
  });
  const document = openApiDocument(config);
  app.use(docsRouter(() => document));
  if (page !== undefined) app.use(page);

  for (const [route, allowed] of Object.entries(ALLOWED)) app.all(route, refuseMethod(allowed));
  app.use(() => {
    throw new RasidError('not-found', 'no such path');
  });
  app.use(problemHandler(config.bodyLimit, onFault));
  return app;
}
