/** The label heads. Nothing in `src/` knows a label by name: everything reads it from here. */

import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { describeReadError, RasidError } from '../errors.ts';

const identifier = z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N}_-]*$/u, 'letters, digits, - and _ only');
const nameSchema = z.strictObject({ ar: z.string().min(1), en: z.string().min(1) });

const labelSchema = z.strictObject({
  id: identifier,
  name: nameSchema,
  definition: z.strictObject({ ar: z.string().min(1), en: z.string().min(1) }),
});

const headSchema = z.strictObject({
  id: identifier,
  /** `multi-label`: any number of labels apply. `one-of`: exactly one does. */
  kind: z.enum(['multi-label', 'one-of']),
  name: nameSchema,
  labels: z.array(labelSchema).min(2),
});

const unique = (ids: string[]) => new Set(ids).size === ids.length;

export const taxonomySchema = z.strictObject({
  heads: z
    .array(headSchema)
    .min(1)
    .refine((heads) => unique(heads.map((h) => h.id)), 'two heads have the same id')
    .refine(
      (heads) => heads.every((h) => unique(h.labels.map((l) => l.id))),
      'two labels of a head have the same id',
    ),
});

export type Taxonomy = z.infer<typeof taxonomySchema>;
export type Head = Taxonomy['heads'][number];
export type Label = Head['labels'][number];

/** `heads.0.labels` → "heads.0.labels: message" for the first problem of a failed parse. */
export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0]!;
  return `${issue.path.join('.') || 'record'}: ${issue.message}`;
}

/**
 * Reads and checks a taxonomy file.
 * @throws RasidError `file-unreadable` or `taxonomy-invalid`, naming file and field.
 */
export async function loadTaxonomy(path: string): Promise<Taxonomy> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw describeReadError(error, path);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RasidError('taxonomy-invalid', `${path}: not valid JSON (${(error as Error).message})`);
  }
  const parsed = taxonomySchema.safeParse(value);
  if (!parsed.success) throw new RasidError('taxonomy-invalid', `${path}: ${firstIssue(parsed.error)}`);
  return parsed.data;
}
