/** The scores of one head: a bar for each label, with the threshold from which it is accepted. */

import { element } from './dom.js';
import { acceptedOf, describedHead } from './heads.js';
import { named, number, percent, t } from './language.js';

/** Rows that are shown before the reader asks for all. */
const ROWS_SHOWN = 5;

const figure = (value, className) =>
  element(
    'td',
    { className },
    value === undefined ? '' : element('bdi', { dir: 'ltr', textContent: percent(value) }),
  );

function scoreRow({ label, score, threshold, accepted }) {
  const bar = element(
    'span',
    { className: 'bar', 'aria-hidden': 'true', vars: { '--score': String(score) } },
    element('span', { className: 'fill' }),
    ...(threshold === undefined
      ? []
      : [element('span', { className: 'tick', vars: { '--threshold': String(threshold) } })]),
  );
  const mark = accepted ? [element('span', { className: 'unseen', textContent: ` (${t('accepted')})` })] : [];
  return element(
    'tr',
    { className: accepted ? 'accepted' : '' },
    element('th', { scope: 'row' }, named(label), ...mark),
    element('td', { className: 'bar-cell' }, bar),
    figure(score, 'figure'),
    figure(threshold, 'figure faint'),
  );
}

/** Rows of a head, best first: what the answer says, with the names and thresholds that `/info` tells. */
function scoreRows(head, described) {
  const accepted = acceptedOf(head);
  const known = new Map(described.labels?.map((label) => [label.id, label]));
  const ids = Object.entries(head.scores ?? Object.fromEntries(accepted.map(({ id, score }) => [id, score])));
  return ids
    .map(([id, score]) => {
      const own = accepted.find((label) => label.id === id);
      const label = known.get(id) ?? own ?? { id };
      return { label, score, threshold: label.threshold, accepted: own !== undefined };
    })
    .sort((a, b) => b.score - a.score);
}

/** @param held Whether the classifier abstains: nothing is shown as accepted then. */
export function scoresView(id, head, info, held) {
  const described = describedHead(id, info);
  const rows = scoreRows(head, described).map((row) => ({ ...row, accepted: row.accepted && !held }));
  const withThreshold = rows.some(({ threshold }) => threshold !== undefined);
  const shown = Math.max(ROWS_SHOWN, acceptedOf(head).length + 2);
  const nodes = rows.map((row) => scoreRow(row));
  const heading = (key, className = '') => element('th', { scope: 'col', className, textContent: t(key) });
  const table = element(
    'table',
    { className: 'scores' },
    element('caption', { textContent: named(described) }),
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        element('td'),
        element('td'),
        heading('score', 'figure'),
        withThreshold ? heading('threshold', 'figure') : element('td'),
      ),
    ),
    element('tbody', {}, ...nodes),
  );
  const parts = [table];
  if (withThreshold) parts.push(element('p', { className: 'hint', textContent: t('legend') }));
  if (nodes.length > shown + 1) parts.push(foldButton(nodes.slice(shown), nodes.length));
  return element('div', { className: 'head' }, ...parts);
}

function foldButton(folded, count) {
  const button = element('button', { type: 'button', className: 'small quiet' });
  const fold = (hidden) => {
    for (const row of folded) row.hidden = hidden;
    button.textContent = hidden ? t('showAll', { count: number(count) }) : t('showFewer');
    button.setAttribute('aria-expanded', String(!hidden));
  };
  button.addEventListener('click', () => fold(button.getAttribute('aria-expanded') === 'true'));
  fold(true);
  return button;
}
