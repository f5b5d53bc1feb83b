/** What `/classify` takes: the one source of validation and types. */

import { z } from 'zod';
import type { Config } from '../config.ts';

const text = z.string().min(1, 'is empty');

/** `{"text": "…"}` or `{"texts": ["…", …]}`, never both. */
export function classifySchema({ maxTexts }: Pick<Config, 'maxTexts'>) {
  return z
    .strictObject({
      text: text.optional(),
      texts: z
        .array(text)
        .min(1, 'holds no text')
        .max(maxTexts, `holds more than ${maxTexts} texts`)
        .optional(),
    })
    .refine((body) => (body.text === undefined) !== (body.texts === undefined), 'give either text or texts');
}
