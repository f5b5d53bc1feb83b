/** Charts of the report: precision–recall, threshold sweep, reliability, coverage. */

import { type Html, html } from '../../html.ts';
import { type Axis, band, chart, line, type Point } from '../../html-chart.ts';
import type { EvaluatedLabel, HeadEvaluation } from '../head.ts';
import { percent } from './parts.ts';

const whole = (x: number) => String(Math.round(100 * x));
const share = (label?: string, from = 0): Axis => ({
  ...(label === undefined ? {} : { label }),
  from,
  to: 1,
  ticks: from === 0 ? [0, 0.25, 0.5, 0.75, 1] : [0, 0.25, 0.5, 0.75, 1].map((t) => from + t * (1 - from)),
  format: whole,
});
const small = { width: 200, height: 150 };
const halves = (label: string): Axis => ({ ...share(label), ticks: [0, 0.5, 1] });

/** Precision over recall, as steps; the dot is where the classifier decides. */
export function precisionRecallChart({ id, curve, precision, recall }: EvaluatedLabel): Html {
  const points = curve.flatMap(({ recall: x, precision: y }, i): Point[] => [
    [curve[i - 1]?.recall ?? 0, y],
    [x, y],
  ]);
  const title = `${id}: precision over recall; at its threshold precision ${percent(precision)}, recall ${percent(recall)}`;
  return chart({ title, x: halves('recall'), y: halves('precision'), ...small }, (scales) => {
    const [x, y] = [scales.x(recall), scales.y(precision)];
    return html`${line(points, scales, 'first')}<circle class="dot first" cx="${x}" cy="${y}" r="4"/>`;
  });
}

/** Precision, recall and F1 over the threshold; the upright line is the threshold in use. */
export function sweepChart({ id, sweep = [], threshold = 0, f1 }: EvaluatedLabel): Html {
  const title = `${id}: precision, recall and F1 over the threshold; in use ${threshold.toFixed(2)}, F1 ${percent(f1)}`;
  return chart({ title, x: halves('threshold'), y: halves('percent'), ...small }, (scales) => {
    const at = scales.x(threshold);
    return html`<path class="guide" d="M${at} ${scales.y(0)}V${scales.y(1)}"/>
${(['precision', 'recall', 'f1'] as const).map((figure, i) =>
  line(
    sweep.map((point) => [point.threshold, point[figure]] as const),
    scales,
    ['second', 'third', 'first'][i]!,
  ),
)}`;
  });
}

/** How often events of each probability happened; the bars below are how many there were. */
export function reliabilityChart({ head, calibration, kind }: HeadEvaluation): Html {
  const bins = calibration.bins.filter(({ records }) => records > 0);
  const most = Math.max(...bins.map(({ records }) => records));
  const what = kind === 'one-of' ? 'probability of the label chosen' : 'probability of a label';
  const title = `${head}: reliability; calibration error ${percent(calibration.error)}`;
  return chart({ title, x: share(what), y: share('came true'), width: 420, height: 300 }, (scales) => {
    const bars = bins.map(({ from, to, records, observed, predicted }) => {
      const height = (scales.y(0) - scales.y(1)) * 0.22 * (records / most);
      const [x, width] = [scales.x(from) + 1, scales.x(to) - scales.x(from) - 2];
      return html`<rect class="count" x="${x}" y="${scales.y(0) - height}" width="${width}" height="${height}"><title>${records} between ${whole(from)} and ${whole(to)}: ${percent(observed)} came true, ${percent(predicted)} expected</title></rect>`;
    });
    const points = bins.map(({ predicted, observed }): Point => [predicted, observed]);
    const dots = points.map(
      ([x, y]) => html`<circle class="dot first" cx="${scales.x(x)}" cy="${scales.y(y)}" r="4"/>`,
    );
    const even = line(
      [
        [0, 0],
        [1, 1],
      ],
      scales,
      'guide',
    );
    return html`${bars}${even}${line(points, scales, 'first')}${dots}`;
  });
}

/** Score of the texts answered over their share, the surest first; the diamond is the model's own abstention. */
export function coverageChart({ head, coverage, kind }: HeadEvaluation): Html {
  const { curve, own } = coverage;
  const least = Math.min(...curve.map(({ score }) => score.low), own?.answered?.low ?? 1);
  const from = Math.max(0, Math.floor(least * 5) / 5);
  const what = kind === 'one-of' ? 'accuracy of these' : 'samples F1 of these';
  const title = `${head}: ${what} over the share of texts answered`;
  const y = share(what, from === 1 ? 0.8 : from);
  return chart(
    { title, x: share('texts answered, the surest first'), y, width: 420, height: 300 },
    (scales) => {
      const area = curve.map(({ coverage: x, score }) => [x, score.low, score.high] as const);
      const points = curve.map(({ coverage: x, score }): Point => [x, score.value]);
      const mark = own?.answered && [scales.x(own.coverage.value), scales.y(own.answered.value)];
      return html`${band(area, scales, 'band')}${line(points, scales, 'first')}${
        mark &&
        html`<path class="dot second" d="M${mark[0]} ${mark[1]! - 6}l6 6l-6 6l-6 -6z"><title>The model’s own abstention</title></path>`
      }`;
    },
  );
}
