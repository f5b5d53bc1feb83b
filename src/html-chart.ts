/** Charts as inline SVG: two axes with a grid, and whatever is drawn between them. */

import { type Html, html } from './html.ts';

export interface Axis {
  label?: string;
  from: number;
  to: number;
  /** Values that get a line and a number. */
  ticks: readonly number[];
  format?: (value: number) => string;
}

export interface Chart {
  /** What a reader who cannot see the chart is told. */
  title: string;
  x: Axis;
  y: Axis;
  /** In units of the drawing; it scales to its place. */
  width: number;
  height: number;
}

/** From values to places in the drawing. */
export interface Scales {
  x: (value: number) => number;
  y: (value: number) => number;
}

const round = (value: number) => Math.round(value * 100) / 100;

/** A chart; `draw` gets the scales and returns SVG. */
export function chart({ title, x, y, width, height }: Chart, draw: (scales: Scales) => Html): Html {
  const margin = { left: y.label ? 46 : 30, right: 8, top: 8, bottom: x.label ? 38 : 20 };
  const [right, bottom] = [width - margin.right, height - margin.bottom];
  const place = (axis: Axis, start: number, end: number) => (value: number) =>
    round(start + ((value - axis.from) / (axis.to - axis.from)) * (end - start));
  const scales: Scales = { x: place(x, margin.left, right), y: place(y, bottom, margin.top) };
  const write = (axis: Axis, value: number) => (axis.format ?? String)(value);
  const middle = round((margin.top + bottom) / 2);
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" direction="ltr"><title>${title}</title>
${y.ticks.map(
  (tick) => html`<path class="axis" d="M${margin.left} ${scales.y(tick)}H${right}"/>
<text x="${margin.left - 6}" y="${scales.y(tick)}" dy=".33em" text-anchor="end">${write(y, tick)}</text>`,
)}
${x.ticks.map(
  (tick) => html`<path class="axis" d="M${scales.x(tick)} ${bottom}v4"/>
<text x="${scales.x(tick)}" y="${bottom + 15}" text-anchor="middle">${write(x, tick)}</text>`,
)}
<path class="axis" d="M${margin.left} ${bottom}H${right}"/>
${x.label !== undefined && html`<text x="${round((margin.left + right) / 2)}" y="${height - 4}" text-anchor="middle">${x.label}</text>`}
${y.label !== undefined && html`<text transform="translate(11 ${middle}) rotate(-90)" text-anchor="middle">${y.label}</text>`}
${draw(scales)}</svg>`;
}

export type Point = readonly [x: number, y: number];

/** A line through points. */
export const line = (points: readonly Point[], { x, y }: Scales, name: string): Html =>
  html`<path class="${name}" fill="none" d="${points.map(([a, b], i) => `${i ? 'L' : 'M'}${x(a)} ${y(b)}`).join('')}"/>`;

/** The area between two lines over the same places. */
export const band = (
  points: readonly (readonly [x: number, low: number, high: number])[],
  scales: Scales,
  name: string,
): Html => {
  const outline = [
    ...points.map(([x, low]) => [x, low] as const),
    ...points.map(([x, , high]) => [x, high] as const).reverse(),
  ];
  const path = outline.map(([a, b], i) => `${i ? 'L' : 'M'}${scales.x(a)} ${scales.y(b)}`).join('');
  return html`<path class="${name}" d="${path}Z"/>`;
};

/** A bar from 0 to `value` over a range of x. */
export const bar = (
  [from, to]: readonly [from: number, to: number],
  value: number,
  { x, y }: Scales,
  name: string,
): Html =>
  html`<rect class="${name}" x="${x(from) + 0.5}" y="${y(value)}" width="${Math.max(0, round(x(to) - x(from) - 1))}" height="${round(y(0) - y(value))}"/>`;
