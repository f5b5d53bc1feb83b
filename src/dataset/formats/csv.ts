/**
 * CSV and TSV (RFC 4180, by csv-parse) with a header line. A record that cannot be parsed costs its own first line only:
 * reading goes on at the next line, so that one quote left open does not swallow the rest of the file.
 */

import { parse } from 'csv-parse/sync';
import { type Item, type Problem, problem, type ReadOptions } from './item.ts';
import { readTextLines, type TextLine } from './text.ts';

/** Lines that one field may span. A quote that is still open then is taken to be a mistake. */
const MOST_LINES = 1_000;
/** Lines parsed in one go. */
const BLOCK_LINES = 512;
const DELIMITERS = [',', ';', '\t', '|'];

type NumberedLine = Extract<TextLine, { kind: 'line' }>;
type Dialect = { delimiter: string; quote: string | false };

/** The delimiter that occurs most often in the header, outside quotes. */
export function detectDelimiter(header: string): string {
  const bare = header.replace(/"[^"]*"/g, '');
  const counts = DELIMITERS.map((delimiter) => ({ delimiter, count: bare.split(delimiter).length }));
  return counts.reduce((a, b) => (b.count > a.count ? b : a)).delimiter;
}

function parseRecords(text: string, { delimiter, quote }: Dialect): string[][] {
  return parse(text, { delimiter, quote, relax_column_count: true, skip_empty_lines: false });
}

/** csv-parse's reason without the line number, which counts from the record's start. */
function describe(error: unknown): string {
  const { code } = error as { code?: string };
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'opens a quote that is never closed';
  if (code === 'CSV_INVALID_CLOSING_QUOTE')
    return 'has text after a closing quote, or opens a quote that is not closed';
  if (code === 'INVALID_OPENING_QUOTE') return 'has a quote inside a field that is not quoted';
  return (error as Error).message.replace(/ (?:at|on) line \d+/g, '');
}

/** Cuts complete records off the front of `lines`. A record ends where its quotes are balanced. */
function takeRecords(lines: NumberedLine[], quote: string | false, atEnd: boolean): NumberedLine[][] {
  const records: NumberedLine[][] = [];
  let start = 0;
  while (start < lines.length) {
    let quotes = 0;
    let end = start;
    do {
      if (quote !== false) quotes += lines[end]!.text.split(quote).length - 1;
      end += 1;
    } while (quotes % 2 === 1 && end < lines.length && end - start < MOST_LINES);
    const isOpen = quotes % 2 === 1;
    if (isOpen && !atEnd && end - start < MOST_LINES) break;
    records.push(isOpen ? [lines[start]!] : lines.slice(start, end));
    start += records.at(-1)!.length;
  }
  lines.splice(0, start);
  return records;
}

const join = (record: readonly NumberedLine[]) => record.map(({ text }) => text).join('\n');

/** Parses one record; where it fails, its first line is rejected and the others are tried as records of their own. */
function* parseOne(
  record: NumberedLine[],
  dialect: Dialect,
): Generator<{ row: number; cells: string[] } | Problem> {
  let rest = record;
  while (rest.length > 0) {
    const row = rest[0]!.number;
    try {
      const parsed = parseRecords(join(rest), dialect);
      if (parsed.length === 1) {
        yield { row, cells: parsed[0]! };
        return;
      }
      throw new Error('opens a quote that is never closed');
    } catch (error) {
      yield problem('csv-invalid', describe(error), { row });
    }
    const lines = rest.slice(1);
    const [next, ...others] = takeRecords(lines, dialect.quote, true);
    for (const other of others) yield* parseOne(other, dialect);
    rest = next ?? [];
  }
}

/** Records of consecutive lines: parsed in one go where they are sound, one by one where they are not. */
function* parseBlock(
  records: NumberedLine[][],
  dialect: Dialect,
): Generator<{ row: number; cells: string[] } | Problem> {
  const isBlank = ({ text }: NumberedLine) => text.trim() === '' && !text.includes(dialect.delimiter);
  const filled = records.filter((record) => record.length > 1 || !isBlank(record[0]!));
  try {
    const parsed = parseRecords(filled.map(join).join('\n'), dialect);
    if (parsed.length === filled.length) {
      for (const [i, cells] of parsed.entries()) yield { row: filled[i]![0]!.number, cells };
      return;
    }
  } catch {
    // Found again below, with its line.
  }
  for (const record of filled) yield* parseOne(record, dialect);
}

function checkHeader(names: string[]): string | undefined {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (names.every((name) => name === '')) return 'the header names no column';
  return twice === undefined ? undefined : `the header names column ${JSON.stringify(twice)} twice`;
}

/** Longest name of a column, letters. */
const LONGEST_NAME = 64;

/** Whether a record names columns, as where files with different headers were joined: most of it are names known. */
function isHeader(cells: readonly string[], names: readonly string[]): boolean {
  const found = cells.map((cell) => cell.trim());
  const known = found.filter((cell) => cell !== '' && names.includes(cell)).length;
  if (known === 0 || known * 2 < Math.min(found.length, names.length)) return false;
  const isName = (cell: string) => cell !== '' && cell.length <= LONGEST_NAME && Number.isNaN(Number(cell));
  return found.every(isName) && new Set(found).size === found.length;
}

/** What is wrong with a record that is a header again. */
function repeatedHeader(cells: readonly string[], names: readonly string[], row: number): Problem {
  if (cells.length === names.length && cells.every((cell, i) => cell.trim() === names[i]))
    return problem('csv-invalid', 'repeats the header', { row });
  const reason = `the header changes here, from ${names.join(', ')} to ${cells.join(', ')}; nothing was read from here on`;
  return { ...problem('csv-invalid', reason, { row }), isLast: true };
}

/** Rows of a file whose first line names the columns. A row of more or fewer fields is rejected. */
export async function* readCsv(path: string, options: ReadOptions): AsyncGenerator<Item> {
  const { quote = '"' } = options;
  let dialect: Dialect | undefined;
  let names: string[] | undefined;
  const lines: NumberedLine[] = [];

  /** What the records hold; a header at fault is the last thing read. */
  function* items(records: NumberedLine[][]): Generator<Item> {
    for (const found of parseBlock(records, dialect!)) {
      if ('kind' in found) yield found;
      else if (names === undefined) {
        names = found.cells.map((cell) => cell.trim());
        const fault = checkHeader(names);
        if (fault !== undefined) {
          yield problem('csv-invalid', `${fault}; nothing was read of the file`, { row: found.row });
          return;
        }
        yield { kind: 'columns', names };
      } else if (isHeader(found.cells, names)) {
        const again = repeatedHeader(found.cells, names, found.row);
        yield again;
        if (again.isLast) return;
      } else if (found.cells.length === names.length) {
        const fields = Object.fromEntries(names.map((name, i) => [name, found.cells[i]]));
        yield { kind: 'row', row: found.row, fields };
      } else {
        const reason = `has ${found.cells.length} fields, the header has ${names.length}`;
        yield problem('csv-invalid', reason, { row: found.row });
      }
    }
  }

  for await (const line of readTextLines(path, options)) {
    if (line.kind !== 'line') {
      yield line;
      if (line.kind === 'problem' && names === undefined) return;
      continue;
    }
    if (names === undefined && lines.length === 0 && line.text.trim() === '') continue;
    dialect ??= { delimiter: options.delimiter ?? detectDelimiter(line.text), quote };
    lines.push(line);
    if (names !== undefined && lines.length % BLOCK_LINES !== 0) continue;
    // The header is read on its own: without it nothing else can be.
    const before = names;
    for (const item of items(takeRecords(lines, quote, false))) {
      yield item;
      if (item.kind === 'problem' && (before === undefined || item.isLast)) return;
    }
  }
  if (dialect !== undefined) yield* items(takeRecords(lines, quote, true));
}

/** The same with tabs between the fields. */
export const readTsv = (path: string, options: ReadOptions): AsyncGenerator<Item> =>
  readCsv(path, { delimiter: '\t', ...options });
