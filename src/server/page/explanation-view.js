/** The sentences that decided: the text with highlights for one label, and the same as a list. */

import { element } from './dom.js';
import { named, t } from './language.js';

/** An effect below a tenth of a percentage point is not shown. */
const LEAST_EFFECT = 0.001;
/** The strongest highlight stands for the greatest effect of a text, and for this at least. */
const STRONG_EFFECT = 0.05;
/** Where no sentence does as much, the reader is told that the label rests on the whole text. */
const DECIDING_EFFECT = 0.01;
const LISTED = 5;
const LEVELS = 4;

/** `effect` is the label's probability with the sentence less that without it. */
const supports = ({ effect }) => effect > 0;
const points = ({ effect }) => (Math.abs(effect) * 100).toFixed(1);
const describe = (sentence) => t(supports(sentence) ? 'supports' : 'opposes', { points: points(sentence) });

const greatestEffect = (sentences) => Math.max(0, ...sentences.map(({ effect }) => Math.abs(effect)));

/** A slight opposition is listed, but a line under it would say too much. */
const isMarked = ({ effect }) => effect >= LEAST_EFFECT || effect <= -DECIDING_EFFECT;

function highlighted(text, sentences) {
  const greatest = Math.max(STRONG_EFFECT, greatestEffect(sentences));
  const parts = [];
  let at = 0;
  for (const sentence of [...sentences].sort((a, b) => a.start - b.start)) {
    if (sentence.start < at) continue;
    parts.push(text.slice(at, sentence.start));
    const shown = text.slice(sentence.start, sentence.end);
    const body = shown.trimEnd();
    const level = Math.ceil((LEVELS * Math.abs(sentence.effect)) / greatest);
    parts.push(
      !isMarked(sentence)
        ? body
        : element('mark', {
            className: `${supports(sentence) ? 'supports' : 'opposes'} level-${level}`,
            title: describe(sentence),
            textContent: body,
          }),
      shown.slice(body.length),
    );
    at = sentence.end;
  }
  const frame = {
    className: 'reading',
    dir: 'auto',
    tabIndex: 0,
    role: 'region',
    'aria-label': t('explanation'),
  };
  return element('div', frame, ...parts, text.slice(at));
}

function listed(sentences) {
  const strongest = sentences
    .filter(({ effect }) => Math.abs(effect) >= LEAST_EFFECT)
    .sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect))
    .slice(0, LISTED);
  const items = strongest.map((sentence) =>
    element(
      'li',
      { className: supports(sentence) ? 'supports' : 'opposes' },
      element('blockquote', { dir: 'auto', textContent: sentence.text.trim() }),
      element('p', { textContent: describe(sentence) }),
    ),
  );
  const isWeak = greatestEffect(sentences) < DECIDING_EFFECT;
  return [
    isWeak ? element('p', { textContent: t('explanationNone') }) : '',
    items.length === 0 ? '' : element('ol', { className: 'sentences' }, ...items),
  ];
}

/** @param explanation `[{head, label, sentences: [{text, start, end, effect}]}]`. @param heads What `/info` tells of them. */
export function explanationView(explanation, text, heads) {
  const body = element('div', { 'aria-live': 'polite' });
  const show = ({ sentences }) => body.replaceChildren(highlighted(text, sentences), ...listed(sentences));
  const choices = explanation.map((entry, i) => {
    const label = heads.find(({ id }) => id === entry.head)?.labels.find(({ id }) => id === entry.label);
    const input = element('input', {
      type: 'radio',
      name: 'explained',
      checked: i === 0,
      on: { change: () => show(entry) },
    });
    return element('label', { className: 'chip' }, input, named(label ?? { id: entry.label }));
  });
  show(explanation[0]);
  return [
    element('p', { className: 'hint', textContent: t('explanationHint') }),
    element('fieldset', {}, element('legend', { textContent: t('explanationFor') }), ...choices),
    body,
  ];
}
