/** Foreign files in, articles out. Every row is written, merged with another or rejected with a reason; none is lost. */

import { RasidError } from '../../errors.ts';
import { writeFileAtomically } from '../../storage.ts';
import { type Article, articleSchema } from '../article.ts';
import { detectFormat, FORMATS, type Format } from '../formats/formats.ts';
import type { Place, ReadOptions, Row } from '../formats/item.ts';
import type { Taxonomy } from '../taxonomy.ts';
import { cellOf, createConverter, type Rejection } from './convert.ts';
import { type Mapping, mappedColumns } from './mapping.ts';

export interface ImportInput {
  /** Files or folders, in their order. */
  inputs: readonly string[];
  mapping: Mapping;
  taxonomy: Taxonomy;
  /** Default: by each input's ending. */
  format?: Format;
  /** Throws the first problem as an error. */
  strict?: boolean;
  /** Told each problem as it is met: `file:row: reason`. */
  onProblem?: (line: string) => void;
  /** Told what was assumed of a file. */
  onNote?: (line: string) => void;
  /** Told the bytes read, as they are read. */
  onBytes?: (bytes: number) => void;
  signal?: AbortSignal;
}

/** Rows read = imported + rejected + merged. A file that could not be read at all counts in `problems` only. */
export interface ImportSummary {
  read: number;
  imported: number;
  rejected: number;
  /** Rows about a text that an earlier row is about (Prodigy). */
  merged: number;
  /** Lines told to `onProblem`. */
  problems: number;
  /** Imported articles without any label. */
  unlabelled: number;
  /** Times that a head's labels were all mapped to nothing, by head. */
  dropped: Record<string, number>;
  /** Imported articles by input. */
  files: Record<string, number>;
}

/** `file:3`, `file:3–9` or `file` */
function placeOf(name: string, { row, lastRow, file }: Place): string {
  if (row === undefined || file !== undefined) return file ?? name;
  return lastRow === undefined || lastRow === row ? `${name}:${row}` : `${name}:${row}–${lastRow}`;
}

/** The settings that are given, without those that are not. */
function readOptions({ encoding, delimiter, quote }: Mapping, onBytes: ImportInput['onBytes']): ReadOptions {
  const all = Object.entries({ encoding, delimiter, quote, onBytes });
  return Object.fromEntries(all.filter(([, value]) => value !== undefined));
}

/** What one run knows about all its files. */
interface Run {
  input: ImportInput;
  summary: ImportSummary;
  convert: ReturnType<typeof createConverter>;
  /** Columns that the mapping reads. */
  wanted: string[];
  /** Where each id was met first. */
  places: Map<string, string>;
}

/** Counts a problem and tells it; throws it where the run is strict. */
function complain({ input, summary }: Run, path: string, place: Place, { code, reason }: Rejection): void {
  const line = `${placeOf(path, place)}: ${reason}`;
  if (input.strict) {
    throw new RasidError(code, line, { hint: 'Without --strict, the other rows are imported.' });
  }
  summary.problems += 1;
  input.onProblem?.(line);
}

/** The article of a row, or why the row is rejected. */
function takeRow(run: Run, path: string, { fields, ...place }: Row): Article | Rejection {
  const { input, summary, places } = run;
  const converted = run.convert(fields);
  if ('reason' in converted) return converted;
  const { article, unlabelled } = converted;
  const first = places.get(article.id);
  if (first !== undefined) {
    const isMade = input.mapping.columns.id === undefined;
    const same = isMade ? 'the same text' : `id ${JSON.stringify(article.id)}`;
    return { code: 'id-duplicate', reason: `${same} stands in ${first} already` };
  }
  places.set(article.id, placeOf(path, place));
  summary.imported += 1;
  summary.files[path]! += 1;
  if (article.labels === undefined) summary.unlabelled += 1;
  for (const head of unlabelled) summary.dropped[head] = (summary.dropped[head] ?? 0) + 1;
  return article;
}

const absentColumns = (names: readonly string[], known = ''): Rejection => ({
  code: 'import-invalid',
  reason: `the mapping names column ${names.join(', ')}, which the file does not have${known}`,
});

async function* importFile(run: Run, path: string, format: Format): AsyncGenerator<Article> {
  const { input, summary, wanted } = run;
  /** Columns that need no more looking for. */
  const settled = new Set<string>();
  let rows = 0;
  for await (const item of FORMATS[format](path, readOptions(input.mapping, input.onBytes))) {
    input.signal?.throwIfAborted();
    if (item.kind === 'note') {
      input.onNote?.(`${path}: ${item.message}`);
    } else if (item.kind === 'columns') {
      const absent = wanted.filter(
        (name) => !item.names.includes(name) && !item.names.includes(name.split('.')[0]!),
      );
      if (absent.length > 0)
        complain(run, path, {}, absentColumns(absent, `; it has ${item.names.join(', ')}`));
      if (absent.includes(input.mapping.columns.text)) return;
      for (const name of wanted) settled.add(name);
    } else if (item.kind === 'merged') {
      summary.read += 1;
      summary.merged += 1;
    } else if (item.kind === 'problem') {
      const lost = item.row === undefined ? 0 : (item.lastRow ?? item.row) - item.row + 1;
      summary.read += lost;
      summary.rejected += lost;
      complain(run, path, item, item);
    } else {
      rows += 1;
      summary.read += 1;
      for (const name of wanted)
        if (!settled.has(name) && cellOf(item.fields, name) !== undefined) settled.add(name);
      const taken = takeRow(run, path, item);
      if (!('reason' in taken)) {
        yield taken;
        continue;
      }
      summary.rejected += 1;
      complain(run, path, item, taken);
    }
  }
  const absent = wanted.filter((name) => !settled.has(name));
  if (rows > 0 && absent.length > 0) complain(run, path, {}, absentColumns(absent));
}

/**
 * The articles of all inputs, one after the other; `summary` counts along.
 * @throws RasidError `file-unreadable`, `usage`, and with `strict` the code of the first problem.
 */
export async function* importArticles(
  input: ImportInput,
  summary: ImportSummary = emptySummary(),
): AsyncGenerator<Article> {
  const { mapping, taxonomy } = input;
  const formats = await Promise.all(input.inputs.map((path) => input.format ?? detectFormat(path)));
  const convert = createConverter(mapping, taxonomy, articleSchema(taxonomy));
  const run: Run = { input, summary, convert, wanted: mappedColumns(mapping), places: new Map() };
  for (const [i, path] of input.inputs.entries()) {
    summary.files[path] = 0;
    yield* importFile(run, path, formats[i]!);
  }
}

export const emptySummary = (): ImportSummary => ({
  read: 0,
  imported: 0,
  rejected: 0,
  merged: 0,
  problems: 0,
  unlabelled: 0,
  dropped: {},
  files: {},
});

/** Bytes between two writes. */
const BLOCK = 2 ** 18;

async function* writtenLines(articles: AsyncIterable<Article>): AsyncGenerator<string> {
  let block = '';
  for await (const article of articles) {
    block += `${JSON.stringify(article)}\n`;
    if (block.length < BLOCK) continue;
    yield block;
    block = '';
  }
  yield block;
}

/**
 * Imports into a JSONL file, which appears only when all is done.
 * @throws RasidError as `importArticles`, `data-empty` where no row could be imported, or of writing.
 */
export async function importToFile(input: ImportInput, output: string): Promise<ImportSummary> {
  const summary = emptySummary();
  async function* lines() {
    yield* writtenLines(importArticles(input, summary));
    if (summary.imported > 0) return;
    throw new RasidError('data-empty', `${input.inputs.join(', ')}: no row could be imported`, {
      hint: `${summary.read} rows were read, ${summary.problems} problems are listed above.`,
    });
  }
  await writeFileAtomically(output, lines());
  return summary;
}

/** The summary for people. */
export function formatSummary(summary: ImportSummary): string {
  const { read, imported, rejected, merged, problems, unlabelled, dropped, files } = summary;
  const lines = Object.entries(files).map(([path, count]) => `${path}: ${count} articles`);
  lines.push(`${read} rows read: ${imported} imported, ${rejected} rejected, ${merged} merged with another`);
  if (problems > 0) lines.push(`${problems} problems, each listed above`);
  if (unlabelled > 0) lines.push(`${unlabelled} articles carry no label`);
  for (const [head, count] of Object.entries(dropped))
    lines.push(`${count} articles: all labels of ${head} are mapped to nothing`);
  return lines.join('\n');
}
