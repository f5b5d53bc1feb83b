/** `POST /classify`: one text or several, answered together. */

import { type RequestHandler, type Response, Router } from 'express';
import type { Config } from '../config.ts';
import { articleText } from '../dataset/article.ts';
import type { EncodeTiming } from '../encoder/encoder.ts';
import { RasidError } from '../errors.ts';
import { answerTexts } from './answer.ts';
import { factsOf } from './facts.ts';
import { bodyWithin } from './guards.ts';
import { readJson, requireJson } from './json-body.ts';
import type { Metrics } from './metrics.ts';
import type { Models } from './models.ts';
import { classifySchema } from './schemas.ts';

export interface RouteOptions {
  config: Config;
  models: Models;
  metrics: Metrics;
  /** @throws RasidError `draining` or `not-ready`. */
  checkReady: () => void;
  isDraining: () => boolean;
  /** Called with errors that are no fault of the request. */
  onFault: (error: unknown) => void;
}

/** Aborted when the client goes away before it has its answer. */
export function signalOf(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort(new RasidError('cancelled', 'the client went away'));
  });
  return controller.signal;
}

/** Server-Timing (W3C): queue, encode, classify and total, ms. */
function setTiming(response: Response, { queue, encode }: EncodeTiming, answered: number, began: number) {
  const total = performance.now() - began;
  const parts = { queue, encode, classify: performance.now() - answered - queue - encode, total };
  response.set(
    'Server-Timing',
    Object.entries(parts)
      .map(([name, ms]) => `${name};dur=${Math.max(0, ms).toFixed(1)}`)
      .join(', '),
  );
}

/** Refuses before the body is read what could not be taken anyway. */
function refuseEarly({ models, checkReady }: RouteOptions): RequestHandler {
  return (_request, _response, next) => {
    checkReady();
    models.current()?.encoder.refuseIfFull();
    next();
  };
}

export function classifyRouter(options: RouteOptions): Router {
  const { config, models, metrics } = options;
  const schema = classifySchema(config);
  const router = Router();
  router.post(
    '/classify',
    refuseEarly(options),
    requireJson,
    bodyWithin(config),
    ...readJson(config.bodyLimit),
    async (request, response) => {
      const { text, texts, title, ...rest } = schema.parse(request.body);
      const read = texts ?? [articleText({ text: text!, title })];
      const facts = factsOf(response);
      facts.texts = read.length;
      if (config.logTexts) facts.content = read;
      const asked = performance.now();
      let timing: EncodeTiming = { queue: 0, encode: 0 };
      const wait = {
        signal: signalOf(response),
        deadline: config.deadline,
        // Twice where an explanation is wanted, for its sentences are encoded too.
        onTimed: ({ queue, encode }: EncodeTiming) => {
          timing = { queue: timing.queue + queue, encode: timing.encode + encode };
        },
      };
      const results = await models.use((model) => answerTexts(model, read, rest, wait, metrics));
      facts.tokens = results.reduce((sum, { tokens }) => sum + tokens, 0);
      setTiming(response, timing, asked, facts.began);
      response.json(text === undefined ? { results } : results[0]);
    },
  );
  return router;
}
