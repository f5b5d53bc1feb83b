import { describe, expect, it } from 'vitest';
import { html } from '../src/html.ts';
import { band, chart, line, type Scales } from '../src/html-chart.ts';

const axis = { from: 0, to: 1, ticks: [0, 1] };

describe('chart', () => {
  it('scales both axes to the drawing, upwards', () => {
    let scales: Scales | undefined;
    chart({ title: 'x', x: axis, y: axis, width: 138, height: 128 }, (given) => {
      scales = given;
      return html``;
    });

    // Without names of the axes 30 units are left at the left, 8 at the right and above, 20 below.
    expect([scales!.x(0), scales!.x(1), scales!.x(0.5)]).toEqual([30, 130, 80]);
    expect([scales!.y(0), scales!.y(1), scales!.y(0.25)]).toEqual([108, 8, 83]);
  });

  it('tells its title to those who cannot see it, escaped', () => {
    const { text } = chart({ title: 'a < b', x: axis, y: axis, width: 100, height: 100 }, () => html``);

    expect(text).toContain('<title>a &lt; b</title>');
  });
});

describe('lines and bands', () => {
  const scales: Scales = { x: (value) => 10 * value, y: (value) => -value };

  it('go through their points', () => {
    expect(
      line(
        [
          [0, 1],
          [2, 3],
        ],
        scales,
        'first',
      ).text,
    ).toContain('d="M0 -1L20 -3"');
  });

  it('close around their area', () => {
    expect(
      band(
        [
          [0, 1, 2],
          [1, 3, 4],
        ],
        scales,
        'band',
      ).text,
    ).toContain('d="M0 -1L10 -3L10 -4L0 -2Z"');
  });
});
