/** One answer: the verdict, what to know before trusting it, every head's scores, the JSON and the request. */

import { element, sourceBlock } from './dom.js';
import { explanationView } from './explanation-view.js';
import { find, list, named, number, percent, t } from './language.js';
import { curlCommand } from './service.js';

/** Rows of a head that are shown before the reader asks for all. */
const ROWS_SHOWN = 5;

export const acceptedOf = (head) => [head.accepted].flat().filter((label) => label != null);

export const describedHead = (id, info) => info?.heads?.find((head) => head.id === id) ?? { id };

/** Of every head its name and the names of its accepted labels: what a person would call the answer. */
function verdictParts({ heads }, info) {
  return Object.entries(heads).map(([id, head]) => ({
    name: named(describedHead(id, info)),
    labels: acceptedOf(head).map(named),
  }));
}

/** The verdict as one sentence for a screen reader. */
export function spokenVerdict(answer, info) {
  const parts = verdictParts(answer, info).map(
    ({ name, labels }) => `${name}: ${labels.length === 0 ? t('verdictNone') : list(labels)}.`,
  );
  return [answer.abstains ? `${t('abstains')}.` : '', ...parts].join(' ').trim();
}

export const reasonText = (reason) => find(`abstainsWhy.${reason}`) ?? reason;

function verdict(answer, info) {
  if (answer.abstains) {
    return element(
      'div',
      { className: 'notice abstains' },
      element('p', { className: 'verdict', textContent: t('abstains') }),
      ...answer.reasons.map((reason) => element('p', { textContent: reasonText(reason) })),
      element('p', { textContent: t('abstainsScores') }),
    );
  }
  const lines = verdictParts(answer, info).map(({ name: head, labels }, i) =>
    element(
      'p',
      { className: i === 0 ? 'verdict' : 'verdict second' },
      i === 0 ? '' : `${head}: `,
      ...(labels.length === 0
        ? [t('verdictNone')]
        : labels.map((name) => element('span', { className: 'label', textContent: name }))),
    ),
  );
  return element('div', { className: 'verdicts' }, ...lines);
}

function notices({ truncated, html, tokens }, info) {
  const limit = info?.limits?.tokens;
  const texts = [
    truncated
      ? limit === undefined
        ? t('truncatedPlain')
        : t('truncated', { limit: number(limit), tokens: number(tokens) })
      : undefined,
    html ? t('html') : undefined,
  ];
  return texts
    .filter((text) => text !== undefined)
    .map((text) => element('p', { className: 'notice', textContent: text }));
}

function scoreRow({ label, score, threshold, accepted }, withThreshold) {
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
    element('td', { className: 'figure', dir: 'ltr', textContent: percent(score) }),
    ...(withThreshold
      ? [
          element('td', {
            className: 'figure faint',
            dir: 'ltr',
            textContent: threshold === undefined ? '' : percent(threshold),
          }),
        ]
      : []),
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

function scoresTable(id, head, info) {
  const described = describedHead(id, info);
  const rows = scoreRows(head, described);
  const withThreshold = rows.some(({ threshold }) => threshold !== undefined);
  const shown = Math.max(ROWS_SHOWN, acceptedOf(head).length + 2);
  const nodes = rows.map((row) => scoreRow(row, withThreshold));
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
        ...(withThreshold ? [heading('threshold', 'figure')] : []),
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

function facts({ tokens, truncated }, info) {
  const limit = info?.limits?.tokens;
  const read = truncated && limit !== undefined ? limit : tokens;
  const text = `${t('tokens')}: ${number(read)}${truncated ? '' : `. ${t('whole')}.`}`;
  return element('p', { className: 'hint', textContent: text });
}

/** @param shown `{answer, body, info}`: the answer, the request it answers, what `/info` told. */
export function answerView({ answer, body, info }) {
  const { explanation } = answer;
  return [
    ...notices(answer, info),
    verdict(answer, info),
    ...Object.entries(answer.heads).map(([id, head]) => scoresTable(id, head, info)),
    facts(answer, info),
    ...(explanation?.length > 0 ? [explanationView(explanation, body.text, info?.heads ?? [])] : []),
    sourceBlock(t('json'), JSON.stringify(answer, null, 2)),
    sourceBlock(t('curl'), curlCommand(body)),
  ];
}
