/** The most confident mistakes, and the texts that changed from another classifier: what a person should read. */

import { type Html, html } from '../../html.ts';
import type { Change, Comparison, HeadComparison } from '../compare.ts';
import type { HeadEvaluation } from '../head.ts';
import { GAINS } from '../metrics.ts';
import type { DrivingSentence, Mistake } from '../mistakes.ts';
import { figureName, pValue, shownFigures } from '../table.ts';
import { chips, difference, type Names, percent, section, text, whisker } from './parts.ts';

/** Sentences shown of a mistake before the whole text. */
const DRIVERS = 2;
/** Below this, a sentence moved nothing worth saying. */
const LEAST_EFFECT = 0.005;
/** Characters of a text that show without unfolding. */
const EXCERPT = 280;

const shorten = (whole: string) => {
  const flat = whole.replace(/\s+/g, ' ');
  if (flat.length <= EXCERPT) return flat;
  const cut = flat.slice(0, EXCERPT);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), EXCERPT / 2))} …`;
};
const effect = (x: number) => `${x > 0 ? '+' : ''}${percent(x)}`;

/** A text whose sentences are tinted by what they did to the label. */
const tinted = (sentences: readonly DrivingSentence[]): Html => {
  const most = Math.max(...sentences.map((sentence) => Math.abs(sentence.effect)), LEAST_EFFECT);
  return html`${sentences.map((sentence) => {
    const share = (Math.abs(sentence.effect) / most).toFixed(2);
    const tone = sentence.effect > 0 ? 'for' : 'against';
    return html`<span class="sentence ${tone}" style="--share:${share}" title="${effect(sentence.effect)}">${sentence.text}</span>`;
  })}`;
};

function drivers({ kind, sentences = [] }: Mistake): Html | undefined {
  if (sentences.length === 0) return undefined;
  const sign = kind === 'false-positive' ? 1 : -1;
  const strongest = sentences
    .filter((sentence) => sign * sentence.effect > LEAST_EFFECT)
    .sort((a, b) => sign * (b.effect - a.effect))
    .slice(0, DRIVERS);
  return strongest.length === 0
    ? undefined
    : html`${strongest.map((sentence) => html`<div class="driver"><span class="effect ${sign > 0 ? 'for' : 'against'}">${effect(sentence.effect)}</span>${text(sentence.text.trim())}</div>`)}`;
}

function mistakeCard(mistake: Mistake, names: Names): Html {
  const { id, kind, label, probability, actual, decided, sentences } = mistake;
  const isGiven = kind === 'false-positive';
  const tone = (own: string) => (own === label ? (isGiven ? 'wrong' : 'missing') : '');
  const driving = drivers(mistake);
  return html`<article class="mistake whole"><header><span class="probability">${percent(probability)} %</span><span>${isGiven ? 'given' : 'missed'} ${chips([label], names, () => (isGiven ? 'wrong' : 'missing'))}</span><code>${id}</code></header>
<dl><dt>true</dt><dd>${chips(actual, names, tone)}</dd><dt>decided</dt><dd>${chips(decided, names, tone)}</dd>
</dl>
${driving ?? html`${sentences && html`<p class="muted">No one sentence decided it.</p>`}${text(shorten(mistake.text))}`}
${
  (driving !== undefined || mistake.text.length > EXCERPT) &&
  html`<details><summary>Whole text</summary>
${text(sentences ? tinted(sentences) : mistake.text)}</details>`
}</article>`;
}

/** Mistakes of one head, the surest first, with the sentences that drove them. */
export function mistakeSection({ mistakes, kind }: HeadEvaluation, names: Names): Html | undefined {
  if (mistakes.length === 0) return undefined;
  const list = (wanted: Mistake['kind']) =>
    html`<div class="mistakes">${mistakes.filter((mistake) => mistake.kind === wanted).map((mistake) => mistakeCard(mistake, names))}</div>`;
  const isExplained = mistakes.some(({ sentences }) => sentences !== undefined);
  return section(
    'Most confident mistakes',
    html`Read these first: each is a fault of the model, or of the label in the data.${isExplained && ' The number at a sentence says by how many points it moved the label’s probability, measured by leaving it out; in the whole text, the stronger the tint, the greater the effect.'}`,
    kind === 'one-of'
      ? list('false-positive')
      : html`<h4>Given wrongly</h4>${list('false-positive')}<h4>Missed</h4>${list('false-negative')}`,
  );
}

const right = (isRight: boolean) =>
  isRight ? html`<span class="good">right</span>` : html`<span class="bad">wrong</span>`;

const changeRow = (change: Change, names: Names): Html => {
  const tone = (id: string) => (change.actual.includes(id) ? 'right' : 'wrong');
  return html`<article class="change whole"><header><code>${change.id}</code><span>${chips(change.before, names, tone)}${right(change.rightBefore)}</span><span aria-hidden="true">→</span><span>${chips(change.after, names, tone)}${right(change.rightAfter)}</span><span class="muted">true: ${change.actual.join(', ')}</span></header>
${text(shorten(change.text))}</article>`;
};

function headComparison(own: HeadComparison, names: Names): Html {
  const { kind, before, after, differences, changes } = own;
  const figures = GAINS.filter((figure) => (shownFigures(kind) as readonly string[]).includes(figure));
  const widest = Math.max(
    ...figures.flatMap((f) => [Math.abs(differences[f].low), Math.abs(differences[f].high)]),
  );
  const scale = { from: -widest * 1.1 || -1, to: widest * 1.1 || 1, mark: 0 };
  const rows = figures.map((figure) => {
    const own = differences[figure];
    const tone = own.low > 0 ? 'good' : own.high < 0 ? 'bad' : 'plain';
    return html`<tr><th scope="row">${figureName(figure, kind)}</th><td>${percent(before[figure].value)}</td>
<td><b>${percent(after[figure].value)}</b></td><td class="track">${whisker(own, { ...scale, tone })}</td>
<td class="wide">${difference(own)}</td><td class="p">${pValue(own)}</td></tr>`;
  });
  const groups = [
    ['worse', changes.filter(({ gain }) => gain < 0)],
    ['better', changes.filter(({ gain }) => gain > 0).reverse()],
    ['changed, neither better nor worse', changes.filter(({ gain }) => gain === 0)],
  ] as const;
  return html`<section><h3>${own.head} <bdi lang="ar" class="arabic muted">${own.name.ar}</bdi></h3>
<div class="scroll"><table><thead><tr><th></th><th>before</th><th>after</th><th class="track">difference</th>
<th></th><th></th></tr></thead><tbody>${rows}</tbody></table></div>
<p>${changes.length} of ${own.records} texts changed: ${changes.filter((c) => c.rightAfter && !c.rightBefore).length} became right, ${changes.filter((c) => c.rightBefore && !c.rightAfter).length} became wrong.</p>
${groups.map(
  ([name, list]) =>
    list.length > 0 &&
    html`<details><summary>${list.length} ${name}</summary>
${list.map((change) => changeRow(change, names))}</details>`,
)}</section>`;
}

/** Another classifier beside this one. */
export const comparisonPart = (
  { before, after, heads, notes }: Comparison,
  namesOf: (head: string) => Names,
): Html =>
  html`<div class="part" id="comparison"><h2>Compared with another classifier</h2>
<p class="how">Before: <code>${before.slice(0, 12)}</code>. After: <code>${after.slice(0, 12)}</code>, the one of this report. Differences are from a paired bootstrap; the p-value is one-sided, for “after is better”.</p>
${notes.map((note) => html`<p class="note">${note}</p>`)}${heads.map((head) => headComparison(head, namesOf(head.head)))}</div>`;
