/** Dropped files become records `{name, place, line, text}`; a record that cannot be read holds `failure` in place of `text`. */

import { parseCsv } from './csv.js';
import { decodeFile, ENCODING_NAMES } from './encoding.js';

const MEGABYTE = 2 ** 20;
const LARGEST_FILE = 32 * MEGABYTE;
const TEXT_COLUMNS = ['text', 'النص', 'نص', 'content', 'body', 'article'];

const fold = (name) => name.trim().toLowerCase();

function readLines(name, text) {
  const lines = text.split(/\r\n|\r|\n/);
  return lines.flatMap((line, i) => {
    if (line.trim() === '') return [];
    const record = { name, place: 'line', line: i + 1 };
    try {
      const value = JSON.parse(line)?.text;
      return [
        typeof value === 'string' && value !== ''
          ? { ...record, text: value }
          : { ...record, failure: 'lineText' },
      ];
    } catch {
      return [{ ...record, failure: 'lineJson' }];
    }
  });
}

/** @throws `{key, values}`: what is wrong with the whole file. */
function readTable(name, text) {
  const { rows, openQuote } = parseCsv(text);
  if (openQuote !== undefined) throw { key: 'fileQuote', values: { file: name, line: openQuote } };
  const [header, ...body] = rows;
  if (header === undefined) return [];
  const names = header.cells.map(fold);
  const column = TEXT_COLUMNS.map((known) => names.indexOf(known)).find((i) => i >= 0);
  if (column === undefined) {
    throw { key: 'fileColumn', values: { file: name, columns: header.cells.join('، ').slice(0, 200) } };
  }
  return body.map(({ number, cells }) => {
    const record = { name, place: 'row', line: number };
    const value = cells[column] ?? '';
    return value.trim() === '' ? { ...record, failure: 'lineText' } : { ...record, text: value };
  });
}

const READERS = {
  txt: (name, text) => (text.trim() === '' ? [] : [{ name, text }]),
  jsonl: readLines,
  csv: readTable,
};
Object.assign(READERS, { text: READERS.txt, md: READERS.txt, ndjson: READERS.jsonl, tsv: READERS.csv });

async function readFile(file) {
  const { name } = file;
  const fail = (key, values = {}) => {
    throw { key, values: { file: name, ...values } };
  };
  const read = READERS[fold(name.slice(name.lastIndexOf('.') + 1))];
  if (read === undefined) fail('fileKind');
  if (file.size > LARGEST_FILE) fail('fileLarge', { limit: LARGEST_FILE / MEGABYTE });
  let bytes;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch {
    fail('fileUnreadable');
  }
  const { text, encoding, failure } = decodeFile(bytes);
  if (failure !== undefined) fail(failure);
  const records = read(name, text);
  if (records.length === 0) fail('fileEmpty');
  const notes =
    encoding === 'utf-8'
      ? []
      : [{ key: 'readAs', values: { file: name, encoding: ENCODING_NAMES[encoding] } }];
  return { records, notes };
}

/** @returns Records of all files in their order; `failures` and `notes` as `{key, values}` for the language. */
export async function readFiles(files) {
  const result = { records: [], failures: [], notes: [] };
  for (const file of files) {
    try {
      const { records, notes } = await readFile(file);
      result.records.push(...records);
      result.notes.push(...notes);
    } catch (failure) {
      if (failure.key === undefined) throw failure;
      result.failures.push(failure);
    }
  }
  return result;
}
