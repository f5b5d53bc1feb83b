/** Several texts: progress, a table, and the table as CSV. */

import { writeCsv } from './csv.js';
import { element } from './dom.js';
import { acceptedOf } from './heads.js';
import { list, named, number, percent, t } from './language.js';
import { csvRows, failureOf, headsOf, nameOf, notesOf } from './rows.js';

const ROWS_SHOWN = 300;
const BEGINNING = 90;

function beginningOf({ text = '' }) {
  const characters = Array.from(text.trim().slice(0, 2 * BEGINNING));
  return characters.slice(0, BEGINNING).join('') + (characters.length > BEGINNING ? '…' : '');
}

const labelCell = (head) =>
  element(
    'td',
    {},
    ...acceptedOf(head).map((label) =>
      element(
        'span',
        { className: 'tag' },
        named(label),
        ' ',
        element('span', { className: 'faint', dir: 'ltr', textContent: percent(label.score) }),
      ),
    ),
  );

function tableRow(row, i, heads, open) {
  const { record, answer } = row;
  const name = nameOf(record);
  const failure = failureOf(row);
  const title =
    answer === undefined
      ? name
      : element('button', {
          type: 'button',
          id: `text-${i + 1}`,
          className: 'link',
          textContent: name,
          on: { click: () => open(record) },
        });
  const beginning = element(
    'td',
    { className: 'beginning' },
    element('bdi', { textContent: beginningOf(record) }),
  );
  const rest =
    answer !== undefined
      ? [
          ...heads.map(({ id }) => labelCell(answer.heads[id])),
          element('td', { textContent: list(notesOf(row)) }),
        ]
      : [element('td', { className: 'failed', colSpan: heads.length + 1, textContent: failure ?? '…' })];
  return element(
    'tr',
    { className: answer?.abstains ? 'unsure' : '' },
    element('th', { scope: 'row' }, element('bdi', {}, title)),
    beginning,
    ...rest,
  );
}

function download(rows, info) {
  const url = URL.createObjectURL(
    new Blob([writeCsv(csvRows(rows, info))], { type: 'text/csv;charset=utf-8' }),
  );
  element('a', { href: url, download: 'rasid.csv' }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

function progressText({ rows, running, stopped }) {
  const done = rows.filter((row) => row.answer !== undefined).length;
  const failed = rows.filter((row) => failureOf(row) !== undefined).length;
  const values = { done: number(done), all: number(rows.length), failed: number(failed) };
  if (running) return t('batchWorking', { ...values, done: number(done + failed) });
  return t(stopped ? 'stopped' : 'batchDone', values);
}

/** @param batch `{rows, notes, running, stopped, info}`. @param actions `open(record)`, `stop()`. */
export function batchView(batch, { open, stop }) {
  const { rows, notes, running, info } = batch;
  const heads = headsOf(rows, info);
  const done = rows.filter((row) => row.answer !== undefined || failureOf(row) !== undefined).length;
  const heading = (text) => element('th', { scope: 'col', textContent: text });
  return [
    ...notes.map(({ key, values }) => element('p', { className: 'notice', textContent: t(key, values) })),
    element(
      'div',
      { className: 'actions' },
      element('button', {
        type: 'button',
        id: 'batch-download',
        className: 'primary',
        textContent: t('download'),
        disabled: done === 0,
        on: { click: () => download(rows, info) },
      }),
      running
        ? element('button', { type: 'button', id: 'batch-stop', textContent: t('stop'), on: { click: stop } })
        : undefined,
      element('progress', { max: rows.length, value: done, hidden: !running, 'aria-label': t('batch') }),
      element('p', { id: 'batch-progress', className: 'hint', textContent: progressText(batch) }),
    ),
    element(
      'div',
      { className: 'table-frame', tabIndex: 0, role: 'region', 'aria-label': t('batch') },
      element(
        'table',
        { className: 'texts' },
        element('caption', { textContent: t('batchCaption') }),
        element(
          'thead',
          {},
          element(
            'tr',
            {},
            heading(t('column.name')),
            heading(t('column.beginning')),
            ...heads.map((head) => heading(named(head))),
            heading(t('column.note')),
          ),
        ),
        element('tbody', {}, ...rows.slice(0, ROWS_SHOWN).map((row, i) => tableRow(row, i, heads, open))),
      ),
    ),
    rows.length > ROWS_SHOWN
      ? element('p', {
          className: 'hint',
          textContent: t('moreRows', { shown: number(ROWS_SHOWN), all: number(rows.length) }),
        })
      : '',
  ];
}
