/** The elements of one JSON array, cut out of a stream: an export of any size is never in memory as a whole. */

import { type Item, problem, type ReadOptions } from './item.ts';
import { readTextChunks } from './text.ts';

export interface Element {
  kind: 'element';
  /** Counted from 1. */
  row: number;
  value: unknown;
}

const SPACE = /\s/;

/** Follows the nesting of JSON text and says where an element of the outermost array ends. */
class Cutter {
  private depth = 0;
  private inString = false;
  private isEscaped = false;
  state: 'before' | 'inside' | 'after' = 'before';

  /** @returns `part`: belongs to an element; `end`: the character before was an element's last; `none`: neither. */
  take(character: string): 'part' | 'end' | 'none' | 'wrong' {
    if (this.inString) {
      if (this.isEscaped) this.isEscaped = false;
      else if (character === '\\') this.isEscaped = true;
      else if (character === '"') this.inString = false;
      return 'part';
    }
    if (this.state !== 'inside') {
      if (SPACE.test(character)) return 'none';
      if (this.state === 'after' || character !== '[') return 'wrong';
      this.state = 'inside';
      return 'none';
    }
    if (this.depth === 0 && (character === ',' || character === ']')) {
      if (character === ']') this.state = 'after';
      return 'end';
    }
    if (character === '"') this.inString = true;
    else if (character === '{' || character === '[') this.depth += 1;
    else if (character === '}' || character === ']') this.depth -= 1;
    return 'part';
  }
}

/** An element that is not valid JSON is a problem of its own; an array that does not end is one at its last element. */
export async function* readJsonArray(
  path: string,
  options: ReadOptions,
): AsyncGenerator<Element | Exclude<Item, { kind: 'row' }>> {
  const cutter = new Cutter();
  let pending = '';
  let row = 0;

  function* finish(isLast: boolean): Generator<Element | Exclude<Item, { kind: 'row' }>> {
    const text = pending.trim();
    pending = '';
    if (text === '' && isLast) return;
    row += 1;
    try {
      yield { kind: 'element', row, value: JSON.parse(text) };
    } catch (error) {
      yield problem('data-invalid', `is not valid JSON (${(error as Error).message})`, { row });
    }
  }

  for await (const chunk of readTextChunks(path, options)) {
    if (chunk.kind !== 'chunk') {
      yield chunk;
      if (chunk.kind === 'problem') return;
      continue;
    }
    let from = 0;
    for (let i = 0; i < chunk.text.length; i++) {
      const meaning = cutter.take(chunk.text[i]!);
      if (meaning === 'part') continue;
      if (meaning === 'wrong') {
        const where = cutter.state === 'before' ? 'is no JSON array' : 'goes on after the end of its array';
        yield problem('data-invalid', `${where}; what follows was not read`);
        return;
      }
      pending += chunk.text.slice(from, i);
      from = i + 1;
      if (meaning === 'end') yield* finish(chunk.text[i] === ']');
    }
    pending += chunk.text.slice(from);
  }
  if (cutter.state === 'after') return;
  if (cutter.state === 'before') yield problem('data-invalid', 'is no JSON array');
  else yield problem('data-invalid', 'is cut short: the array does not end', { row: row + 1 });
}
