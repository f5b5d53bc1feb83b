/** CSV, read and written (RFC 4180). */

const DELIMITERS = [',', ';', '\t'];

/** The delimiter that the first line holds most of. */
function guessDelimiter(text) {
  const header = text.slice(0, text.search(/[\r\n]|$/));
  const counts = DELIMITERS.map((delimiter) => header.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))];
}

/** @returns `{rows}`, each a list of cells with the number of its row; blank rows are left out. `{openQuote}`: the row of a quote that is never closed. */
export function parseCsv(text) {
  const delimiter = guessDelimiter(text);
  const rows = [];
  let cells = [];
  let at = 0;
  let number = 1;
  const endRow = () => {
    if (cells.some((cell) => cell.trim() !== '')) rows.push({ number, cells });
    cells = [];
    number += 1;
  };
  while (at < text.length) {
    let cell = '';
    if (text[at] === '"') {
      for (;;) {
        const close = text.indexOf('"', at + 1);
        if (close < 0) return { openQuote: number };
        cell += text.slice(at + 1, close);
        at = close + 1;
        if (text[at] !== '"') break;
        cell += '"';
      }
    }
    const start = at;
    while (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r') at += 1;
    cells.push(cell + text.slice(start, at));
    if (text[at] === delimiter) {
      at += 1;
      if (at < text.length) continue;
      cells.push('');
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at += 1;
    at += 1;
    endRow();
  }
  return { rows };
}

/** A spreadsheet would run a cell that begins like a formula: an apostrophe keeps it a text. */
const harmless = (text) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

function writeCell(value) {
  if (typeof value === 'number') return String(value);
  const text = harmless(String(value ?? ''));
  return /[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows as CSV; begins with a byte order mark, without which spreadsheets do not show Arabic. */
export const writeCsv = (rows) =>
  `\ufeff${rows.map((row) => `${row.map(writeCell).join(',')}\r\n`).join('')}`;
