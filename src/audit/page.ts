/** The audit as one self-contained page: what the table says, with plots. */

import { type Html, html, page } from '../html.ts';
import { bar, chart } from '../html-chart.ts';
import {
  type AuditReport,
  type Finding,
  type HeadOverview,
  type Overview,
  RULE_NAMES,
  RULES,
} from './report.ts';

/** Findings shown of each rule; the JSON file holds all. */
const SHOWN = 200;

const STYLE = `
section { margin-top: 2.2rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .8rem; margin-top: 1rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .7rem .9rem; }
.card b { display: block; font-size: 1.35rem; }
.bar { fill: var(--first); }
.bars td:nth-child(2) { width: 60%; }
.track { display: flex; height: .8rem; background: var(--soft); border-radius: .2rem; overflow: hidden; }
.train { background: var(--first); } .validation { background: var(--second); } .test { background: var(--third); }
.key { display: inline-block; width: .7rem; height: .7rem; border-radius: .15rem; margin-inline: .9rem .3rem; }
summary { cursor: pointer; padding: .5rem 0; border-bottom: 1px solid var(--line); }
summary b { display: inline-block; min-width: 3rem; }
.none b { color: var(--good); } .some b { color: var(--bad); }
ol { padding-inline-start: 1.6rem; } li { margin: .6rem 0; }
.ids { font-family: ui-monospace, monospace; font-size: .85em; }
blockquote { margin: .2rem 0 0; padding: .2rem .7rem; border-inline-start: 3px solid var(--line); max-width: 75ch; }
`;

const percent = (part: number, whole: number) => `${((100 * part) / (whole || 1)).toFixed(2)}%`;

const card = (name: string, value: string | number): Html =>
  html`<div class="card"><b>${value}</b><span class="muted">${name}</span></div>`;

/** Articles by length, as bars. */
function lengthChart({ lengths }: Overview): Html {
  const most = Math.max(1, ...lengths.map(({ articles }) => articles));
  const width = lengths[0]?.words ?? 1;
  const last = lengths.at(-1)?.words ?? 1;
  const ticks = lengths.filter((_, i) => i % 4 === 3).map(({ words }) => words);
  const step = 10 ** Math.floor(Math.log10(most));
  const marks = Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
  return chart(
    {
      title: 'Articles by number of words',
      width: 640,
      height: 220,
      x: { label: 'words (the last bar: and more)', from: 0, to: last, ticks },
      y: { from: 0, to: most, ticks: marks },
    },
    (scales) =>
      html`${lengths.map(({ words, articles }) => bar([words - width, words], articles, scales, 'bar'))}`,
  );
}

/** Articles of each label, by split. */
function labelBars({ head, articles, labels, suspectLabels }: HeadOverview): Html {
  const most = Math.max(1, ...labels.map((own) => own.articles));
  const rows = labels.map(
    ({ label, articles: count, splits }) => html`<tr><th scope="row">${label}</th>
<td><div class="track" style="width: ${percent(count, most)}">${Object.entries(splits).map(
      ([split, own]) => html`<span class="${split}" style="width: ${percent(own, count)}"></span>`,
    )}</div></td><td>${count}</td><td>${percent(count, articles)}</td></tr>`,
  );
  return html`<section><h2>${head}</h2>
<p class="muted">${articles} articles.${suspectLabels !== undefined && ` ${suspectLabels} labels are probably wrong.`}
<span class="key train"></span>train<span class="key validation"></span>validation<span class="key test"></span>test</p>
<table class="bars"><thead><tr><th>label</th><th></th><th>articles</th><th>share</th></tr></thead><tbody>${rows}</tbody></table></section>`;
}

const finding = ({ ids, message, quote }: Finding): Html =>
  html`<li>${ids.length > 0 && html`<span class="ids">${ids.join(', ')}</span> `}<span dir="auto">${message}</span>
${quote !== undefined && html`<blockquote class="arabic" dir="auto">${quote}</blockquote>`}</li>`;

function ruleSection(rule: (typeof RULE_NAMES)[number], findings: readonly Finding[]): Html {
  return html`<details class="${findings.length > 0 ? 'some' : 'none'}"><summary><b>${findings.length}</b> ${rule}
<span class="muted">${RULES[rule]}</span></summary>
<ol>${findings.slice(0, SHOWN).map(finding)}</ol>
${findings.length > SHOWN && html`<p class="muted">and ${findings.length - SHOWN} more</p>`}</details>`;
}

/** A whole HTML document. Texts of the corpus are escaped and keep their own direction of writing. */
export function auditPage(report: AuditReport): string {
  const { file, overview, findings, notes } = report;
  const { articles, splits, heads, languages, words } = overview;
  const list = Object.entries(languages)
    .sort((a, b) => b[1] - a[1])
    .map(([language, count]) => `${language} ${count}`);
  return page({
    title: `Audit of ${file}`,
    language: 'en',
    style: STYLE,
    body: html`<h1>Audit of ${file}</h1>
${notes.map((note) => html`<p class="muted">${note}</p>`)}
<div class="cards">${[
      card('articles', articles),
      ...Object.entries(splits)
        .filter(([, count]) => count > 0)
        .map(([split, count]) => card(split === 'none' ? 'without a split' : split, count)),
      card('median words', words.median),
    ]}</div>
<p class="muted">Languages: ${list.join(', ')}</p>
<section><h2>Findings</h2>${RULE_NAMES.map((rule) => findings[rule] && ruleSection(rule, findings[rule]))}</section>
${heads.map(labelBars)}
<section><h2>Length</h2>${lengthChart(overview)}</section>`,
  });
}
