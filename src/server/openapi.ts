/** The OpenAPI 3.1 document, made of the same schemas that validate. */

import { z } from 'zod';
import type { Config } from '../config.ts';
import { ERRORS } from '../errors.ts';
import {
  answerLineSchema,
  answerSchema,
  answersSchema,
  classifySchema,
  healthSchema,
  infoSchema,
  lineSchema,
  problemSchema,
  readySchema,
  switchSchema,
} from './schemas.ts';

type Json = Record<string, unknown>;

/** JSON Schema of a zod schema, as OpenAPI 3.1 takes it. */
function schemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'output' }) as Json;
  return json;
}

/** Of a request: fields with a default may be left out. */
function requestSchemaOf(schema: z.ZodType): Json {
  const json = schemaOf(schema);
  const properties = { ...(json.properties as Record<string, Json>) };
  const required = ((json.required as string[] | undefined) ?? []).filter(
    (name) => properties[name] !== undefined && properties[name].default === undefined,
  );
  const { required: _, ...rest } = json;
  return { ...rest, properties, ...(required.length > 0 ? { required } : {}) };
}

const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const content = (type: string, schema: Json): Json => ({ content: { [type]: { schema } } });
const json = (description: string, schema: Json): Json => ({
  description,
  ...content('application/json', schema),
});

/** Problem responses by status, with the codes that may come with each. */
function problems(...codes: (keyof typeof ERRORS)[]): Json {
  const byStatus = new Map<number, string[]>();
  for (const code of codes) {
    const { status } = ERRORS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), `\`${code}\``]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [
      String(status),
      { description: names.join(', '), ...content('application/problem+json', ref('Problem')) },
    ]),
  );
}

const COMMON = ['request-invalid', 'rate-limited', 'headers-too-large', 'internal'] as const;
const WORK = ['overloaded', 'deadline-exceeded', 'worker-failed', 'not-ready', 'draining'] as const;

/** @param config Its limits are part of the schemas. */
export function openApiDocument(
  config: Pick<Config, 'maxTexts' | 'bodyLimit' | 'apiKeys' | 'adminKey'>,
): Json {
  const open = { security: [] };
  const keyed = config.apiKeys.length > 0 ? { security: [{ bearer: [] }, { header: [] }] } : open;
  const keyProblems = config.apiKeys.length > 0 ? (['unauthorised'] as const) : [];
  const get = (
    operationId: string,
    summary: string,
    answer: Json,
    extra: Json = {},
    security: Json = open,
  ) => ({
    get: { operationId, summary, ...security, responses: { 200: answer, ...problems(...COMMON), ...extra } },
  });
  const admin = (operationId: string, summary: string) => ({
    post: {
      operationId,
      summary,
      security: [{ bearer: [] }, { header: [] }],
      responses: {
        200: json('The model that now answers', ref('Switched')),
        ...problems(...COMMON, 'forbidden', 'rollback-impossible', 'reload-failed'),
      },
    },
  });
  return {
    openapi: '3.1.0',
    info: {
      title: 'rasid',
      version: '1',
      description: 'Topics and sentiment of Arabic news, with calibrated scores.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '.' }],
    paths: {
      '/classify': {
        post: {
          operationId: 'classify',
          summary: 'Classifies one text or several',
          ...keyed,
          requestBody: { required: true, ...content('application/json', ref('Classify')) },
          responses: {
            200: json('One answer for `text`; `results` in their order for `texts`', {
              oneOf: [ref('Answer'), ref('Answers')],
            }),
            ...problems(
              ...COMMON,
              ...keyProblems,
              'request-timeout',
              'body-too-large',
              'request-too-large',
              'media-type-unsupported',
              'text-unreadable',
              'utf8-invalid',
              'label-unknown',
              ...WORK,
            ),
          },
        },
      },
      '/classify/batch': {
        post: {
          operationId: 'classifyBatch',
          summary: 'Classifies any number of texts, one JSON object a line, streamed both ways',
          description:
            'Answers come in the order of the lines, while the request is still being sent: read them meanwhile. A bad line gives an object with `error` in its place.',
          ...keyed,
          requestBody: { required: true, ...content('application/x-ndjson', ref('Line')) },
          responses: {
            200: { description: 'One object a line', ...content('application/x-ndjson', ref('AnswerLine')) },
            ...problems(
              ...COMMON,
              ...keyProblems,
              'media-type-unsupported',
              'overloaded',
              'not-ready',
              'draining',
            ),
          },
        },
      },
      '/health': get('health', 'Whether the process is alive', json('It is', ref('Health'))),
      '/ready': get(
        'ready',
        'Whether the model is loaded and warm',
        json('It is', ref('Ready')),
        problems('not-ready', 'draining'),
      ),
      '/info': get(
        'info',
        'Model, encoder, labels, limits, versions',
        json('What answers here', ref('Info')),
        problems(...keyProblems, 'not-ready', 'draining'),
        keyed,
      ),
      '/metrics': get(
        'metrics',
        'Metrics for Prometheus',
        { description: 'Text exposition format', ...content('text/plain', { type: 'string' }) },
        problems(...keyProblems),
        keyed,
      ),
      '/admin/reload': admin('reload', 'Loads the model folder anew and switches to it if it passes a probe'),
      '/admin/rollback': admin('rollback', 'Switches back to the model before the last reload'),
    },
    components: {
      schemas: {
        Classify: {
          ...requestSchemaOf(classifySchema(config)),
          oneOf: [{ required: ['text'] }, { required: ['texts'] }],
        },
        Answer: schemaOf(answerSchema),
        Answers: schemaOf(answersSchema),
        Line: requestSchemaOf(lineSchema),
        AnswerLine: schemaOf(answerLineSchema),
        Problem: schemaOf(problemSchema),
        Health: schemaOf(healthSchema),
        Ready: schemaOf(readySchema),
        Info: schemaOf(infoSchema),
        Switched: schemaOf(switchSchema),
      },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        header: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
    },
  };
}
