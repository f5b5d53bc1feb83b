/** The audit as text, for a terminal. */

import { type AuditReport, type Finding, RULE_NAMES, RULES } from './report.ts';

const QUOTE = 90;

function describeFinding({ ids, message, quote }: Finding): string[] {
  const named = ids.length > 0 ? `${ids.join(', ')}: ${message}` : message;
  if (quote === undefined) return [`    ${named}`];
  const flat = quote.replace(/\s+/g, ' ');
  return [`    ${named}`, `      ${flat.length > QUOTE ? `${flat.slice(0, QUOTE)}…` : flat}`];
}

/** @param most Findings shown of each rule. */
export function formatAudit({ file, overview, findings, notes }: AuditReport, most: number): string {
  const { articles, splits, heads, languages, words } = overview;
  const counts = (of: Record<string, number>) =>
    Object.entries(of)
      .filter(([, count]) => count > 0)
      .sort((a, b) => b[1] - a[1])
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  const lines = [
    `${file}: ${articles} articles`,
    `  splits     ${counts(splits)}`,
    `  languages  ${counts(languages)}`,
    `  words      ${words.least} – ${words.most}, median ${words.median}, middle half ${words.lower} – ${words.upper}`,
    ...heads.map(
      ({ head, articles: known, labels, suspectLabels }) =>
        `  ${head.padEnd(10)} ${known} articles: ${counts(Object.fromEntries(labels.map((own) => [own.label, own.articles])))}${
          suspectLabels === undefined ? '' : `; ${suspectLabels} labels are probably wrong`
        }`,
    ),
    ...notes.map((note) => `  ${note}`),
  ];
  for (const rule of RULE_NAMES) {
    const own = findings[rule];
    if (own === undefined) continue;
    lines.push('', `${rule}: ${own.length === 0 ? 'none' : own.length}   ${RULES[rule]}`);
    lines.push(...own.slice(0, most).flatMap(describeFinding));
    if (own.length > most) lines.push(`    and ${own.length - most} more (--all)`);
  }
  return lines.join('\n');
}
