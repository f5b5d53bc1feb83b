/** What the service takes and gives: the one source of validation, types and the OpenAPI document. */

import { z } from 'zod';
import type { Config } from '../config.ts';
import { ERRORS, type ErrorCode } from '../errors.ts';

const text = z.string().min(1, 'is empty').describe('An Arabic news text');
const title = z.string().min(1, 'is empty').optional().describe('The headline; it is read before the text');
const probability = z.number().min(0).max(1);

const options = {
  threshold: z
    .union([probability, z.record(z.string().max(200), probability)])
    .optional()
    .describe(
      'Score from which a label of a multi-label head is accepted: one for all, or by label id; else the tuned ones',
    ),
  return_all_scores: z
    .boolean()
    .default(true)
    .describe("Whether every label's score is given, or the accepted labels alone"),
  explain: z
    .boolean()
    .default(false)
    .describe('Whether the sentences that decided are given with their weights, for each accepted label'),
};

/** `{"text": "…"}` or `{"texts": ["…", …]}`, never both. */
export function classifySchema({ maxTexts }: Pick<Config, 'maxTexts'>) {
  const many = z.array(text).min(1, 'holds no text').max(maxTexts, `holds more than ${maxTexts} texts`);
  // Counted before the members are looked at: a million wrong members would be a million issues.
  const counted = z.array(z.unknown()).max(maxTexts, `holds more than ${maxTexts} texts`).pipe(many);
  return z
    .strictObject({ text: text.optional(), title, texts: counted.optional(), ...options })
    .refine((body) => (body.text === undefined) !== (body.texts === undefined), 'give either text or texts')
    .refine((body) => body.title === undefined || body.text !== undefined, 'title goes with text');
}

/** One line of `/classify/batch`. */
export const lineSchema = z.strictObject({
  id: z
    .union([z.string().max(1_000), z.number()])
    .optional()
    .describe('Given back with the answer'),
  text,
  title,
  ...options,
});

export type AnswerOptions = Pick<z.output<typeof lineSchema>, 'threshold' | 'return_all_scores' | 'explain'>;

const names = z.object({ ar: z.string(), en: z.string() });
const label = z.object({
  id: z.string(),
  name: names,
  score: probability.describe('Calibrated probability'),
});

const answer = {
  heads: z
    .record(
      z.string(),
      z.object({
        accepted: z
          .union([z.array(label), label])
          .describe('Multi-label head: the accepted labels, best first. One-of head: the one label'),
        scores: z.record(z.string(), probability).optional(),
      }),
    )
    .describe('By head id'),
  abstains: z.boolean().describe('Whether the classifier holds back'),
  reasons: z.array(z.string()).describe('Why: `unfamiliar`, `no-label`'),
  tokens: z.int().describe('Tokens of the whole text'),
  truncated: z.boolean().describe('Whether tokens beyond the limit were cut'),
  html: z.boolean().describe('Whether the text looks like HTML source'),
  model: z.string().describe('sha256 that names the classifier'),
  explanation: z
    .array(
      z.object({
        head: z.string(),
        label: z.string(),
        sentences: z.array(
          z.object({
            text: z.string(),
            start: z.int().nonnegative().describe('UTF-16 code units from the start of what was read'),
            end: z.int().nonnegative(),
            effect: z
              .number()
              .min(-1)
              .max(1)
              .describe("The label's probability with the sentence less that without it"),
          }),
        ),
      }),
    )
    .optional()
    .describe('With `explain`: for each accepted label, or the likeliest where none is'),
};

export const answerSchema = z.object(answer);
export const answersSchema = z.object({ results: z.array(answerSchema) });

export const problemSchema = z.object({
  type: z.string().describe('`urn:rasid:<code>`'),
  title: z.string(),
  status: z.int(),
  code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
  detail: z.string().describe('What happened, and where'),
  hint: z.string().optional().describe('What to do'),
  instance: z.string().optional().describe('`urn:rasid:request:<id>`, the id that the log holds too'),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

const place = { line: z.int().describe('Line of the request, from 1'), id: lineSchema.shape.id };
export const answerLineSchema = z.union([
  z.object({ ...place, ...answer }),
  z.object({ ...place, error: problemSchema }),
]);

export const healthSchema = z.object({ status: z.literal('alive') });
export const readySchema = z.object({ status: z.literal('ready'), model: z.string() });
export const switchSchema = z.object({
  model: z.string().describe('The classifier that now answers'),
  previous: z.string().nullable().describe('The one that a roll-back would bring back'),
  changed: z.boolean(),
});
const count = z.int().nonnegative();
export const infoSchema = z.object({
  model: z.string(),
  encoder: z.record(z.string(), z.union([z.string(), z.number()])),
  heads: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['multi-label', 'one-of']),
      name: names,
      labels: z.array(z.object({ id: z.string(), name: names, threshold: probability.optional() })),
    }),
  ),
  training: z.object({ data: z.string(), articles: z.record(z.string(), count) }),
  limits: z.object({ bodyBytes: count, texts: count, tokens: count, queueTexts: count, queueTokens: count }),
  backend: z.string(),
  features: z.object({ explain: z.boolean() }).describe('What a request may ask for beyond labels'),
  versions: z.record(z.string(), z.string()),
});

export type Problem = z.output<typeof problemSchema>;
