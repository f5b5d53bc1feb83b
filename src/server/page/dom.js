/** Elements from code. Texts are set as text, never as HTML. */

import { t } from './language.js';

export const byId = (id) => document.getElementById(id);

/**
 * @param properties DOM properties, or attributes where the name has a dash or is `role`; `on` holds listeners,
 *   `vars` CSS custom properties. Undefined values are left out.
 */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  const { on = {}, vars = {}, ...rest } = properties;
  for (const [name, value] of Object.entries(rest)) {
    if (value === undefined) continue;
    if (name.includes('-') || name === 'role') node.setAttribute(name, value);
    else node[name] = value;
  }
  for (const [type, listener] of Object.entries(on)) node.addEventListener(type, listener);
  for (const [name, value] of Object.entries(vars)) node.style.setProperty(name, value);
  node.append(...children.filter((child) => child !== undefined));
  return node;
}

/** Says something to a screen reader, and shows it beside the buttons. */
export function say(text) {
  byId('status').textContent = text;
}

/** Whether the text reached the clipboard. Without a secure context only the old way is open. */
async function copy(text, shown) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection().selectAllChildren(shown);
    return document.execCommand('copy');
  }
}

/** A folded block of source text with a copy button. */
export function sourceBlock(title, text) {
  const code = element('pre', {
    textContent: text,
    dir: 'ltr',
    tabIndex: 0,
    role: 'region',
    'aria-label': title,
  });
  const button = element('button', {
    type: 'button',
    className: 'small',
    textContent: t('copy'),
    'aria-label': `${t('copy')}: ${title}`,
    on: {
      click: async () => {
        const copied = await copy(text, code);
        say(t(copied ? 'copied' : 'copyFailed'));
        if (!copied) return;
        button.textContent = `${t('copied')} ✓`;
        setTimeout(() => {
          button.textContent = t('copy');
        }, 2000);
      },
    },
  });
  return element(
    'details',
    { className: 'source' },
    element('summary', { textContent: title }),
    element('div', { className: 'source-body' }, button, code),
  );
}

/** Brings a part into view where it begins below or above the window. */
export function reveal(node) {
  const { top } = node.getBoundingClientRect();
  if (top >= 0 && top < innerHeight * 0.7) return;
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  node.scrollIntoView({ behavior: calm ? 'auto' : 'smooth', block: 'start' });
}
