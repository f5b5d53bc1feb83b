/** What went wrong, for a person; and the field for a key, where one is asked for. */

import { byId, element } from './dom.js';
import { find, t } from './language.js';
import { useKey } from './service.js';

/** A problem document in the page's language. */
export const describeProblem = ({ code, status }) =>
  find(`problems.${code}`) ?? t('problems.other', { status });

/** The service's own words: English, whatever the page speaks. */
const original = (text) =>
  text === undefined
    ? ''
    : element('p', { className: 'original', lang: 'en', dir: 'ltr', textContent: text });

function problemBody({ problem, retryAfter }, again) {
  const { code, detail, hint, instance, status } = problem;
  const wait = retryAfter === undefined ? '' : t('problemRetry', { seconds: retryAfter });
  const canRepeat = again !== undefined && status !== 401;
  return element(
    'div',
    { className: 'notice error' },
    element('h3', { textContent: t('problem') }),
    element('p', { textContent: `${describeProblem(problem)} ${wait}`.trim() }),
    original(detail),
    original(hint),
    element('p', { className: 'code', textContent: t('problemCode', { code: code ?? `HTTP ${status}` }) }),
    instance === undefined
      ? ''
      : element('p', { className: 'code' }, element('bdi', { textContent: instance })),
    canRepeat
      ? element('button', {
          type: 'button',
          className: 'small',
          textContent: t('again'),
          on: { click: again },
        })
      : '',
  );
}

function showKeyField(again) {
  const takesFocus = byId('key').hidden || byId('key').contains(document.activeElement);
  const field = element('input', {
    type: 'password',
    id: 'api-key',
    autocomplete: 'off',
    required: true,
    dir: 'ltr',
  });
  field.setAttribute('aria-describedby', 'api-key-hint');
  const submit = (event) => {
    event.preventDefault();
    useKey(field.value);
    again();
  };
  byId('key').replaceChildren(
    element(
      'form',
      { className: 'key', on: { submit } },
      element('label', { htmlFor: 'api-key', textContent: t('keyLabel') }),
      element(
        'div',
        { className: 'key-row' },
        field,
        element('button', { type: 'submit', textContent: t('keyUse') }),
      ),
      element('p', { id: 'api-key-hint', className: 'hint', textContent: t('keyHint') }),
    ),
  );
  byId('key').hidden = false;
  if (takesFocus) field.focus();
}

/** @param failure A `ServiceError`, or a list of `{key, values}` that concern files. @param again Repeats what failed. */
export function showProblem(failure, again) {
  if (Array.isArray(failure)) {
    const lines = failure.map(({ key, values }) => element('li', { textContent: t(key, values) }));
    byId('problem').replaceChildren(element('ul', { className: 'notice error' }, ...lines));
    return;
  }
  byId('problem').replaceChildren(problemBody(failure, again));
  if (failure.problem.status === 401) showKeyField(again);
}

/** Takes the message away; the key field too, once a key has been taken. */
export function clearProblem() {
  byId('problem').replaceChildren();
}
export function hideKeyField() {
  byId('key').hidden = true;
  byId('key').replaceChildren();
}
