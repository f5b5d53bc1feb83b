/** The mapping file: which foreign column is what, and which foreign label is which of this taxonomy. */

import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { nearest } from '../../config.ts';
import { describeReadError, RasidError } from '../../errors.ts';
import { TEXT_ENCODINGS } from '../formats/encoding.ts';
import { firstIssue, type Taxonomy } from '../taxonomy.ts';

/** A column's name; `a.b` is also field b of an object in column a. */
const column = z.string().min(1);

/** The fields of an article that a column or a constant can give. */
export const FIELDS = [
  'id',
  'text',
  'title',
  'split',
  'source',
  'language',
  'dialect',
  'genre',
  'region',
] as const;
export type Field = (typeof FIELDS)[number];

const labelIds = z.union([z.string(), z.array(z.string()).min(1), z.null()]);

const headMapping = z.strictObject({
  column,
  /** Cuts a cell into several labels. */
  separator: z.string().min(1).optional(),
  /** Foreign label → ours: one, several, or `null` where it says nothing about this head. Ours map to themselves. */
  values: z.record(z.string(), labelIds).default({}),
});

export const mappingSchema = z.strictObject({
  columns: z
    .strictObject({
      ...Object.fromEntries(FIELDS.map((field) => [field, column.optional()])),
      text: column,
    } as Record<Exclude<Field, 'text'>, z.ZodOptional<typeof column>> & { text: typeof column })
    .describe('Column of each field; without an id, one is made from title and text'),
  constants: z
    .strictObject(
      Object.fromEntries(
        FIELDS.filter((f) => f !== 'id' && f !== 'text').map((f) => [f, z.string().min(1).optional()]),
      ) as Record<Exclude<Field, 'id' | 'text'>, z.ZodOptional<z.ZodString>>,
    )
    .default({}),
  labels: z.record(z.string(), headMapping).default({}),
  /** Foreign name of a split → ours. Ours map to themselves. */
  splits: z.record(z.string(), z.string()).default({}),
  encoding: z.enum(TEXT_ENCODINGS).optional(),
  delimiter: z.string().length(1).optional(),
  quote: z.union([z.string().length(1), z.literal(false)]).optional(),
});

export type Mapping = z.infer<typeof mappingSchema>;

/** Our labels must be ours: the foreign ones are checked row by row. */
function checkLabels(mapping: Mapping, taxonomy: Taxonomy, name: string): void {
  const unknown = (what: string, id: string, known: string[]) => {
    const close = nearest(id, known);
    const hint = close === undefined ? `Known: ${known.join(', ')}.` : `Did you mean ${close}?`;
    return new RasidError('import-invalid', `${name}: ${what} ${JSON.stringify(id)}`, { hint });
  };
  for (const [headId, { values }] of Object.entries(mapping.labels)) {
    const head = taxonomy.heads.find(({ id }) => id === headId);
    if (head === undefined) {
      throw unknown(
        'labels: the taxonomy has no head',
        headId,
        taxonomy.heads.map(({ id }) => id),
      );
    }
    const known = head.labels.map(({ id }) => id);
    for (const [foreign, ids] of Object.entries(values)) {
      const wrong = [ids ?? []].flat().find((id) => !known.includes(id));
      if (wrong !== undefined)
        throw unknown(`labels.${headId}.values.${foreign}: no such label`, wrong, known);
    }
  }
}

/** @throws RasidError `import-invalid`, naming the field at fault. @param name Shown in errors. */
export function parseMapping(value: unknown, taxonomy: Taxonomy, name: string): Mapping {
  const parsed = mappingSchema.safeParse(value);
  if (!parsed.success) throw new RasidError('import-invalid', `${name}: ${firstIssue(parsed.error)}`);
  checkLabels(parsed.data, taxonomy, name);
  return parsed.data;
}

/** @throws RasidError `file-unreadable` or `import-invalid`. */
export async function loadMapping(path: string, taxonomy: Taxonomy): Promise<Mapping> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw describeReadError(error, path);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RasidError('import-invalid', `${path}: not valid JSON (${(error as Error).message})`);
  }
  return parseMapping(value, taxonomy, path);
}

/** Every column that the mapping reads. */
export function mappedColumns({ columns, labels }: Mapping): string[] {
  const named = [...Object.values(columns), ...Object.values(labels).map((head) => head.column)];
  return [...new Set(named.filter((name): name is string => name !== undefined))];
}
