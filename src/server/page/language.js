/** The language of the page: Arabic unless the reader chose English. */

import { STRINGS } from './strings.js';

const STORED_AS = 'rasid-language';
let current = 'ar';

export const language = () => current;
const isLanguage = (value) => Object.hasOwn(STRINGS, value ?? '');

/** A file's name may be Latin in an Arabic sentence: set apart, it keeps its own direction (Unicode UAX 9). */
const ISOLATED = new Set(['file', 'columns']);
const fill = (key, value) => (ISOLATED.has(key) ? `\u2068${value}\u2069` : String(value));

/** A text of the page by its path (`column.name`), with `{…}` filled in; undefined where there is none. */
export function find(path, values = {}) {
  const text = path.split('.').reduce((at, key) => at?.[key], STRINGS[current]);
  if (typeof text !== 'string') return undefined;
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? fill(key, values[key]) : whole));
}

/** As `find`; the path itself where there is no text, so that a gap is seen. */
export const t = (path, values) => find(path, values) ?? path;

// European digits in both languages: those of the JSON, the CSV and most Arabic newsrooms.
const locale = () => (current === 'ar' ? 'ar-u-nu-latn' : 'en');
export const number = (value) => new Intl.NumberFormat(locale()).format(value);
/** A probability as percent, one decimal, to be shown left to right. None is certain: a score of 1 or 0 was rounded to it. */
export function percent(value) {
  if (value >= 0.9995) return '>99.9%';
  return value < 0.0005 ? '<0.1%' : `${(value * 100).toFixed(1)}%`;
}
export const list = (parts) => new Intl.ListFormat(locale(), { type: 'unit', style: 'short' }).format(parts);

/** The name of a label or head in the page's language. */
export const named = ({ id, name }) => name?.[current] ?? name?.ar ?? id;

function apply() {
  const root = document.documentElement;
  root.lang = current;
  root.dir = current === 'ar' ? 'rtl' : 'ltr';
  document.title = t('title');
  for (const node of document.querySelectorAll('[data-text]')) node.textContent = t(node.dataset.text);
  for (const node of document.querySelectorAll('[data-label]'))
    node.setAttribute('aria-label', t(node.dataset.label));
}

/** Changes the document's `lang`, `dir` and fixed texts; what was rendered must be rendered anew. */
export function setLanguage(wanted) {
  current = wanted;
  apply();
  try {
    localStorage.setItem(STORED_AS, wanted);
  } catch {
    // Storage may be switched off; the choice then lasts as long as the page.
  }
}

/** The language of `?lang=`, else the one chosen before, else Arabic. */
export function initialLanguage() {
  const asked = new URLSearchParams(location.search).get('lang');
  if (isLanguage(asked)) return asked;
  try {
    const stored = localStorage.getItem(STORED_AS);
    return isLanguage(stored) ? stored : 'ar';
  } catch {
    return 'ar';
  }
}
