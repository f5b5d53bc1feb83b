/** One answer: the verdict, what to know before trusting it, every head's scores, the JSON and the request. */

import { element, sourceBlock } from './dom.js';
import { acceptedOf, describedHead } from './heads.js';
import { find, list, named, number, t } from './language.js';
import { scoresView } from './scores-view.js';
import { curlCommand } from './service.js';

/** Of every head its name and the names of its accepted labels: what a person would call the answer. */
function verdictParts({ heads }, info) {
  return Object.entries(heads).map(([id, head]) => ({
    name: named(describedHead(id, info)),
    labels: acceptedOf(head).map(named),
  }));
}

/** The verdict as one sentence for a screen reader. */
export function spokenVerdict(answer, info) {
  if (answer.abstains) return [`${t('abstains')}.`, ...answer.reasons.map(reasonText)].join(' ');
  const parts = verdictParts(answer, info).map(
    ({ name, labels }) => `${name}: ${labels.length === 0 ? t('verdictNone') : list(labels)}.`,
  );
  return parts.join(' ');
}

const reasonText = (reason) => find(`abstainsWhy.${reason}`) ?? reason;

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

function facts({ tokens, truncated }, info) {
  const limit = info?.limits?.tokens;
  const read = truncated && limit !== undefined ? limit : tokens;
  const text = `${t('tokens')}: ${number(read)}${truncated ? '' : `. ${t('whole')}.`}`;
  return element('p', { className: 'hint', textContent: text });
}

/** @param shown `{answer, body, info}`: the answer, the request it answers, what `/info` told. */
export function answerView({ answer, body, info }) {
  return [
    ...notices(answer, info),
    verdict(answer, info),
    ...Object.entries(answer.heads).map(([id, head]) => scoresView(id, head, info, answer.abstains)),
    facts(answer, info),
    sourceBlock(t('json'), JSON.stringify(answer, null, 2)),
    sourceBlock(t('curl'), curlCommand(body)),
  ];
}
