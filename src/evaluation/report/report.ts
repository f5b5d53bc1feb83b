/** The evaluation as one HTML document: no script, nothing loaded, readable offline and on paper. */

import { type Html, html, page } from '../../html.ts';
import type { Comparison } from '../compare.ts';
import type { Evaluation } from '../evaluate.ts';
import type { HeadEvaluation } from '../head.ts';
import { coverageChart, precisionRecallChart, reliabilityChart, sweepChart } from './curves.ts';
import {
  abstentionSentence,
  baselineSection,
  confusionSection,
  figureTiles,
  labelSection,
  sliceSection,
} from './figures.ts';
import { comparisonPart, mistakeSection } from './mistakes.ts';
import { label, legend, type Names, percent, section } from './parts.ts';
import { REPORT_STYLE } from './style.ts';

export interface Report {
  evaluation: Evaluation;
  comparison?: Comparison;
  /** What was evaluated, for example the path of a file and the split. */
  data: string;
}

function curveSection({ labels, kind }: HeadEvaluation, names: Names): Html {
  const isMulti = kind === 'multi-label';
  const drawn = labels.filter(({ curve }) => curve.length > 0);
  const figures = drawn.map(
    (own) =>
      html`<figure><figcaption>${label(own.id, names)} <span class="muted" title="average precision">AP ${percent(own.averagePrecision ?? 0)}</span></figcaption>
<div>${precisionRecallChart(own)}${isMulti && sweepChart(own)}</div></figure>`,
  );
  return section(
    isMulti ? 'Precision, recall and thresholds' : 'Precision and recall',
    isMulti
      ? 'Left: what precision each recall costs, and the average precision (AP); the dot is where the label’s threshold puts it. Right: what another threshold would do.'
      : 'What precision each recall costs and the average precision (AP), label against the rest; the dot is where the label stands when the most likely one is taken.',
    html`${
      isMulti &&
      legend([
        ['first', 'F1; on the left precision'],
        ['second', 'precision'],
        ['third', 'recall'],
        ['dashed', 'threshold in use'],
      ])
    }<div class="grid${isMulti ? '' : ' single'}">${figures}</div>`,
  );
}

function headPart(head: HeadEvaluation, names: Names): Html {
  const { coverage, kind } = head;
  const isOneOf = kind === 'one-of';
  const trust = section(
    'Can its probabilities be trusted?',
    html`Left: of all ${isOneOf ? 'decisions' : 'labels'} given some probability, the share that came true; on the dashed line it is as promised. The bars are how many there were. Right: what answering only the surest texts buys, with its 95 % interval; mean risk over all shares ${percent(coverage.areaUnderRisk)}. ${abstentionSentence(head)}`,
    html`${legend([['point', isOneOf ? 'decisions' : 'labels'], ['dashed', 'as promised'], ...(coverage.own?.answered ? [['diamond', 'the model’s own abstention'] as const] : [])])}<div class="pair">${reliabilityChart(head)}${coverageChart(head)}</div>`,
  );
  return html`<div class="part" id="head-${head.head}"><h2>${head.head} <bdi lang="ar" class="arabic">${head.name.ar}</bdi> <small>${isOneOf ? 'one label a text' : 'any number of labels a text'}, ${head.records} texts, ${head.labels.length} labels</small></h2>
${figureTiles(head)}
${baselineSection(head)}
${sliceSection(head)}
${labelSection(head, names)}
${confusionSection(head, names)}
${trust}
${curveSection(head, names)}
${mistakeSection(head, names)}</div>`;
}

/** The report as a document. */
export function writeReport({ evaluation, comparison, data }: Report): string {
  const { model, records, notes, heads } = evaluation;
  const names = new Map(
    heads.map(({ head, labels }) => [head, new Map(labels.map(({ id, name }) => [id, name]))] as const),
  );
  const namesOf = (head: string): Names => names.get(head) ?? new Map();
  const body = html`<header class="masthead"><div class="kind">rasid · evaluation</div>
<h1>Classifier <span title="${model}">${model.slice(0, 12)}</span> on ${records} texts</h1>
<p class="muted">Measured on <bdi>${data}</bdi>. Figures are in percent, with 95 % bootstrap intervals.</p>
<nav>${comparison && html`<a href="#comparison">Comparison</a>`}${heads.map(({ head }) => html`<a href="#head-${head}">${head}</a>`)}</nav>
</header>
${notes.length > 0 && html`<ul class="notes">${notes.map((note) => html`<li>${note}</li>`)}</ul>`}
${comparison && comparisonPart(comparison, namesOf)}
${heads.map((head) => headPart(head, namesOf(head.head)))}
<footer>Micro, macro, weighted and samples F1, average precision, ROC AUC and Brier score as in scikit-learn; macro F1 is the mean over labels that occur. Calibration error: ten equal bins (Guo et al. 2017). Intervals: percentile bootstrap over texts, 1,000 draws; those of the calibration error and the Brier score are corrected for bias. Labels describe what a text says, not what is true.</footer>`;
  return page({ title: `Evaluation of ${model.slice(0, 12)}`, language: 'en', style: REPORT_STYLE, body });
}
