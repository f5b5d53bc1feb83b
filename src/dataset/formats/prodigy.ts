/**
 * Prodigy's JSON Lines, of its choice interface (`accept`: a list) and of binary text classification (`label` and
 * `answer`, one line for each label asked about). Lines about one text are joined, so the file is read twice.
 */

import { createHash } from 'node:crypto';
import { fieldsOf, type Item, problem, type ReadOptions, type Row } from './item.ts';
import { readJsonLines } from './json-lines.ts';

interface Answers {
  /** The first accepted line. */
  row: number;
  labels: Set<string>;
}

/** What Prodigy knows the text by; a text without its hash is known by its own. */
function keyOf({ fields }: Row): string {
  const { _input_hash: hash, text } = fields;
  if (typeof hash === 'number' || typeof hash === 'string') return String(hash);
  return createHash('sha256').update(String(text)).digest('base64');
}

/** The labels a line accepts, or why it says nothing. */
function acceptedLabels({ fields }: Row): string[] | { reason: string } {
  const { answer = 'accept', accept, label } = fields;
  if (answer !== 'accept' && answer !== 'reject' && answer !== 'ignore')
    return { reason: `answer ${JSON.stringify(answer)} is neither accept, reject nor ignore` };
  if (answer === 'ignore') return { reason: 'was ignored by the annotator' };
  if (answer === 'reject') {
    return {
      reason:
        typeof label === 'string'
          ? `label ${JSON.stringify(label)} was rejected`
          : 'was rejected by the annotator',
    };
  }
  if (Array.isArray(accept)) return accept.map(String);
  return typeof label === 'string' ? [label] : [];
}

/** Columns of the first line about a text, its `meta` among them, and `labels`: all that were accepted. */
export async function* readProdigy(path: string, options: ReadOptions): AsyncGenerator<Item> {
  const answers = new Map<string, Answers>();
  const { onBytes, ...quiet } = options;
  for await (const item of readJsonLines(path, quiet)) {
    if (item.kind !== 'row') continue;
    const labels = acceptedLabels(item);
    if ('reason' in labels) continue;
    const known = answers.get(keyOf(item)) ?? { row: item.row, labels: new Set() };
    for (const label of labels) known.labels.add(label);
    answers.set(keyOf(item), known);
  }
  for await (const item of readJsonLines(path, options)) {
    if (item.kind !== 'row') {
      yield item;
      continue;
    }
    const { row, fields } = item;
    const labels = acceptedLabels(item);
    const first = answers.get(keyOf(item));
    if (!('reason' in labels) && first !== undefined && first.row < row)
      yield { kind: 'merged', row, into: first.row };
    else if (!('reason' in labels))
      yield { kind: 'row', row, fields: { ...fieldsOf(fields.meta), ...fields, labels: [...first!.labels] } };
    else if (first === undefined) yield problem('data-invalid', labels.reason, { row });
    // A label that was rejected, of a text for which another was accepted: said by that other's row.
    else yield { kind: 'merged', row, into: first.row };
  }
}
