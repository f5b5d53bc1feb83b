/** Figures, baselines, slices, labels and confusion of one head. */

import { type Html, html } from '../../html.ts';
import type { Interval } from '../bootstrap.ts';
import type { BaselineComparison, HeadEvaluation } from '../head.ts';
import { figureName, pValue, shownFigures } from '../table.ts';
import { difference, figureCells, interval, label, type Names, percent, section, whisker } from './parts.ts';

const tile = (name: string, value: Interval, isHero = false): Html =>
  html`<div class="tile${isHero ? ' hero' : ''}"><span class="name">${name}</span><span class="value">${percent(value.value)}</span>${whisker(value)}<span class="muted">${percent(value.low)} – ${percent(value.high)}</span></div>`;

/** The head's figures as tiles, the most telling first. */
export function figureTiles({ kind, intervals, calibration, rawCalibration }: HeadEvaluation): Html {
  const { error, brier } = calibration.intervals;
  return html`<div class="tiles">${shownFigures(kind).map((figure, i) =>
    tile(`${figureName(figure, kind)}${figure === 'hammingLoss' ? ' ↓' : ''}`, intervals[figure], i < 2),
  )}${tile('calibration error ↓', error)}${tile('Brier score ↓', brier)}</div>
<p class="how">↓ the lower, the better. Before calibration the calibration error was ${percent(rawCalibration.error)}.</p>`;
}

/** The classifier's macro F1 among the baselines', and its lead over each. */
export function baselineSection({ baselines, intervals, kind }: HeadEvaluation): Html | undefined {
  if (baselines.length === 0) return undefined;
  const mark = intervals.macroF1.value;
  const other = kind === 'one-of' ? ('accuracy' as const) : ('microF1' as const);
  const verdict = ({ differences: { macroF1 } }: BaselineComparison) =>
    macroF1.low > 0 ? 'good' : macroF1.high < 0 ? 'bad' : 'muted';
  const rows = baselines.map(
    (baseline) =>
      html`<tr><th scope="row">${baseline.name}</th>
<td class="track">${whisker(baseline.intervals.macroF1, { mark, tone: 'plain' })}</td>
${figureCells(baseline.intervals.macroF1)}<td>${percent(baseline.intervals[other].value)}</td>
<td class="wide">${difference(baseline.differences.macroF1)}</td>
<td class="p ${verdict(baseline)}">${pValue(baseline.differences.macroF1)}</td></tr>`,
  );
  return section(
    'Beside the baselines',
    'Trained on the same texts; where a text may have several labels, their thresholds are tuned on held-out texts, as the classifier’s are. The lead and its p-value (one-sided) are from a paired bootstrap: both are scored on the same draws of texts.',
    html`<div class="scroll"><table><thead><tr><th></th><th class="track">macro F1</th><th></th><th></th>
<th>${figureName(other, kind)}</th><th>lead in macro F1</th><th></th></tr></thead><tbody>
<tr class="own"><th scope="row">this classifier</th>
<td class="track">${whisker(intervals.macroF1, { mark })}</td>
${figureCells(intervals.macroF1)}<td>${percent(intervals[other].value)}</td><td></td><td></td></tr>
${rows}</tbody></table></div>`,
  );
}

/** Slices that show without unfolding. */
const WORST = 8;

/** Groups of texts, the worst first, beside the whole. */
export function sliceSection({ slices, intervals }: HeadEvaluation): Html | undefined {
  if (slices.length === 0) return undefined;
  const mark = intervals.microF1.value;
  const rows = slices.map(
    ({ name, records, microF1 }) =>
      html`<tr><th scope="row"><bdi>${name}</bdi></th><td>${records}</td>
<td class="track">${whisker(microF1, { mark, tone: microF1.high < mark ? 'bad' : 'first' })}</td>
${figureCells(microF1)}</tr>`,
  );
  const table = (own: Html[]) =>
    html`<div class="scroll"><table><thead><tr><th>slice</th><th>texts</th><th class="track">micro F1</th>
<th></th><th></th></tr></thead><tbody>${own}</tbody></table></div>`;
  return section(
    'Slices, the worst first',
    html`The upright mark is the whole (${percent(mark)}). Red: the interval lies below it. Slices of fewer than ten texts are left out.`,
    html`${table(rows.slice(0, WORST))}${
      rows.length > WORST &&
      html`<details><summary>${rows.length - WORST} more slices</summary>
${table(rows.slice(WORST))}</details>`
    }`,
  );
}

const orDash = (x: number | null) =>
  x === null ? html`<td class="muted">–</td>` : html`<td>${percent(x)}</td>`;

/** Figures of every label, with the baselines' F1. */
export function labelSection({ labels, baselines }: HeadEvaluation, names: Names): Html {
  const hasThresholds = labels.some(({ threshold }) => threshold !== undefined);
  // One that gives every text the same label has nothing to say of the others.
  const compared = baselines.filter(({ labelF1 }) => labelF1.filter((f1) => f1 > 0).length > 1);
  const rows = labels.map(
    (own, k) =>
      html`<tr><th scope="row">${label(own.id, names)}</th><td>${own.support}</td>
<td>${percent(own.precision)}</td><td>${percent(own.recall)}</td>
<td class="meter"><span style="--share:${own.f1.toFixed(4)}"><b>${percent(own.f1)}</b></span></td>
${compared.map(({ labelF1 }) => html`<td class="muted">${percent(labelF1[k]!)}</td>`)}${orDash(own.averagePrecision)}${orDash(own.rocAuc)}${hasThresholds && html`<td>${own.threshold?.toFixed(2)}</td>`}</tr>`,
  );
  return section(
    'Labels',
    undefined,
    html`<div class="scroll"><table><thead><tr><th>label</th><th>support</th><th>precision</th><th>recall</th>
<th>F1</th>${compared.map(({ name }) => html`<th>F1 of ${name}</th>`)}<th>average precision</th><th>ROC AUC</th>
${hasThresholds && html`<th>threshold</th>`}</tr></thead><tbody>${rows}</tbody></table></div>`,
  );
}

/** Texts by true and decided label of a one-of head. */
export function confusionSection({ confusion, labels }: HeadEvaluation, names: Names): Html | undefined {
  if (confusion === undefined) return undefined;
  const rows = confusion.map((row, i) => {
    const total = row.reduce((sum, n) => sum + n, 0);
    const cells = row.map((n, j) => {
      const share = total === 0 ? 0 : n / total;
      return html`<td class="cell ${i === j ? 'hit' : 'miss'}${share > 0.55 ? ' strong' : ''}" style="--share:${share.toFixed(3)}"><b>${n}</b><span>${percent(share)}</span></td>`;
    });
    return html`<tr><th scope="row">${label(labels[i]!.id, names)}</th>${cells}</tr>`;
  });
  return section(
    'Confusion',
    'Rows are the true labels, columns what was decided; under each count its share of the row, in percent.',
    html`<div class="scroll"><table class="confusion"><thead><tr><th>true \\ decided</th>
${labels.map(({ id }) => html`<th>${label(id, names)}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`,
  );
}

/** What abstaining buys, in a sentence. */
export function abstentionSentence({ coverage: { own }, kind }: HeadEvaluation): Html | undefined {
  if (own?.answered === undefined) return undefined;
  const what = kind === 'one-of' ? 'accuracy' : 'samples F1';
  return html`As the model abstains by itself, it answers ${percent(own.coverage.value)} % of the texts with ${what} ${interval(own.answered)}${own.abstained && html`; on the rest it would have ${interval(own.abstained)}`}.`;
}
