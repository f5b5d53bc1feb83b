/** The Express application: routes over a pipeline. */

import express, { type Express, type RequestHandler } from 'express';
import { writeAnswer } from '../classifier/answer.ts';
import type { Pipeline } from '../classifier/pipeline.ts';
import type { Config } from '../config.ts';
import { RasidError } from '../errors.ts';
import { runtimeVersions } from '../versions.ts';
import { pageRouter } from './page.ts';
import { problemHandler } from './problems.ts';
import { classifySchema } from './schemas.ts';

export interface AppOptions {
  config: Pick<Config, 'bodyLimit' | 'maxTexts'>;
  /** Undefined until the model is loaded. */
  pipeline: () => Pipeline | undefined;
  draining: () => boolean;
  /** Called with errors that are no fault of the request. */
  onFault: (error: unknown) => void;
}

const allow =
  (...methods: string[]): RequestHandler =>
  (request, response) => {
    response.set('Allow', methods.join(', '));
    throw new RasidError(
      'method-not-allowed',
      `${request.method} is not possible here; ${methods.join(' or ')} is`,
    );
  };

const requireJson: RequestHandler = (request, _response, next) => {
  if (request.is('application/json')) return next();
  throw new RasidError(
    'media-type-unsupported',
    'the body must be JSON: send Content-Type: application/json',
  );
};

/** The facts about the model that `/info` tells. */
function describeModel({ classifier, manifest, encoder, backend }: Pipeline, { config }: AppOptions) {
  const { taxonomy, training } = manifest;
  return {
    model: classifier.id,
    encoder: encoder.identity,
    heads: taxonomy.heads.map(({ id, kind, name, labels }, i) => ({
      id,
      kind,
      name,
      labels: labels.map((label, k) => ({
        id: label.id,
        name: label.name,
        ...(kind === 'multi-label' ? { threshold: manifest.heads[i]!.thresholds[k]! } : {}),
      })),
    })),
    training: { data: training.data, articles: training.articles },
    limits: { bodyBytes: config.bodyLimit, texts: config.maxTexts, tokens: encoder.identity.maxTokens },
    backend,
    versions: runtimeVersions(),
  };
}

export function createApp(options: AppOptions): Express {
  const { config } = options;
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);

  const ready = (): Pipeline => {
    if (options.draining()) throw new RasidError('draining', 'the server is shutting down');
    const pipeline = options.pipeline();
    if (pipeline === undefined) throw new RasidError('not-ready', 'the model is still loading');
    return pipeline;
  };

  app.use(pageRouter());
  app.get('/health', (_request, response) => {
    response.json({ status: 'alive' });
  });
  app.get('/ready', (_request, response) => {
    response.json({ status: 'ready', model: ready().classifier.id });
  });
  app.get('/info', (_request, response) => {
    response.json(describeModel(ready(), options));
  });

  const schema = classifySchema(config);
  const readJson = express.json({ limit: config.bodyLimit, strict: false });
  app.post('/classify', requireJson, readJson, async (request, response) => {
    const { text, texts } = schema.parse(request.body);
    const pipeline = ready();
    const answers = await pipeline.classify(texts ?? [text!]);
    const results = answers.map((answer) => writeAnswer(answer, pipeline));
    response.json(text === undefined ? { results } : results[0]);
  });

  app.all(['/health', '/ready', '/info'], allow('GET', 'HEAD'));
  app.all('/classify', allow('POST'));
  app.use((request) => {
    throw new RasidError('not-found', `${request.path}: no such path`);
  });
  app.use(problemHandler(config.bodyLimit, options.onFault));
  return app;
}
