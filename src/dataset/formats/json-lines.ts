/** JSON Lines of any shape. */

import { fieldsOf, type Item, problem, type ReadOptions } from './item.ts';
import { parseJson } from './json.ts';
import { readTextLines } from './text.ts';

/** One row a line; blank lines are passed over. */
export async function* readJsonLines(path: string, options: ReadOptions): AsyncGenerator<Item> {
  for await (const line of readTextLines(path, options)) {
    if (line.kind !== 'line') {
      yield line;
      continue;
    }
    if (line.text.trim() === '') continue;
    const place = { row: line.number };
    let value: unknown;
    try {
      value = parseJson(line.text);
    } catch (error) {
      yield problem('data-invalid', `is not valid JSON (${(error as Error).message})`, place);
      continue;
    }
    const fields = fieldsOf(value);
    if (fields === undefined) yield problem('data-invalid', 'is no JSON object', place);
    else yield { kind: 'row', row: line.number, fields };
  }
}
