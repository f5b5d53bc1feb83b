/** Small parts that every section of the report uses. */

import { type Content, type Html, html } from '../../html.ts';
import type { Interval } from '../bootstrap.ts';

/** `0.6704` → `67.0` */
export const percent = (x: number) => (100 * x).toFixed(1).replace('-', '−');
const signed = (x: number) => (x > 0 ? '+' : '') + percent(x);

export const interval = ({ value, low, high }: Interval): Html =>
  html`<b>${percent(value)}</b> <span class="muted">(${percent(low)} to ${percent(high)})</span>`;

export const difference = ({ value, low, high }: Interval): Html =>
  html`<b>${signed(value)}</b> <span class="muted">${signed(low)} to ${signed(high)}</span>`;

/** A figure in its own cell, the interval in the next. */
export const figureCells = ({ value, low, high }: Interval): Html =>
  html`<td class="figure"><b>${percent(value)}</b></td>
<td class="muted range">${percent(low)} – ${percent(high)}</td>`;

/** A dot on a line from `from` to `to`, its interval as a bar; `mark` is a value to compare with. */
export function whisker(
  { value, low, high }: Interval,
  {
    from = 0,
    to = 1,
    mark,
    tone = 'first',
  }: { from?: number; to?: number; mark?: number; tone?: string } = {},
): Html {
  const at = (x: number) => Math.min(100, Math.max(0, (100 * (x - from)) / (to - from))).toFixed(2);
  const width = (Number(at(high)) - Number(at(low))).toFixed(2);
  return html`<span class="whisker ${tone}">${
    mark !== undefined && html`<i class="mark" style="left:${at(mark)}%"></i>`
  }<i class="bar" style="left:${at(low)}%;width:${width}%"></i><i class="dot" style="left:${at(value)}%"></i></span>`;
}

export type Names = ReadonlyMap<string, { ar: string; en: string }>;

/** A label's id, with its Arabic name. */
export const label = (id: string, names: Names): Html => {
  const arabic = names.get(id)?.ar;
  return html`<span class="label">${id}${arabic && html` <bdi lang="ar" class="arabic">${arabic}</bdi>`}</span>`;
};

/** Labels as chips, in the tone each is given; a dash for none. */
export const chips = (ids: readonly string[], names: Names, tone: (id: string) => string = () => ''): Html =>
  ids.length === 0
    ? html`<span class="muted">none</span> `
    : html`${ids.map((id) => html`<span class="chip ${tone(id)}" title="${names.get(id)?.ar}">${id}</span> `)}`;

/** A section with its heading, and a sentence on how to read it. */
export const section = (title: string, how: Content, content: Content): Html =>
  html`<section><h3>${title}</h3>${how !== undefined && html`<p class="how">${how}</p>`}${content}</section>`;

/** A text in whatever direction it is written. */
export const text = (content: Content): Html => html`<div class="text" dir="auto">${content}</div>`;

/** The swatches of a chart's lines. */
export const legend = (entries: readonly (readonly [tone: string, name: string])[]): Html =>
  html`<p class="legend">${entries.map(([tone, name]) => html`<span><i class="swatch ${tone}"></i>${name}</span> `)}</p>`;
