/** HTML from templates: whatever is put in is escaped, unless it is HTML made here. */

/** Text that is HTML already. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Safe between tags and inside quoted attributes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (mark) => ENTITIES[mark]!);

/** What may stand in a template; lists are joined, and what is undefined or false is left out. */
export type Content = Html | string | number | false | undefined | readonly Content[];

function render(content: Content): string {
  if (content === undefined || content === false) return '';
  if (content instanceof Html) return content.text;
  if (typeof content === 'string') return escapeHtml(content);
  return typeof content === 'number' ? String(content) : content.map(render).join('');
}

/** Tag of a template literal. Attribute values must be quoted in the template. */
export const html = (parts: TemplateStringsArray, ...contents: readonly Content[]): Html =>
  new Html(parts.map((part, i) => part + render(contents[i])).join(''));

export interface Page {
  title: string;
  /** BCP 47; the direction of writing follows from it in the parts that are in another language. */
  language: string;
  /** Style sheet, beside that which all pages share. Must be a constant: it is not escaped. */
  style: string;
  body: Html;
}

/**
 * One self-contained document: no script, nothing loaded from anywhere; the policy in its head forbids both even if a
 * mark got through.
 */
export const page = ({ title, language, style, body }: Page): string =>
  `<!doctype html>\n${html`<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Html(BASE_STYLE + style)}</style>
</head>
<body>
${body}
</body>
</html>
`}`;

/** Colours, type, tables and print, for light and dark. */
const BASE_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf8; --card: #ffffff; --ink: #1d2126; --muted: #666d77; --line: #e2dfd9; --soft: #f2f0ec;
  --first: #0b6e69; --second: #b4540a; --third: #5546c4; --bad: #b3261e; --good: #1b7a3d;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --card: #1b1f24; --ink: #e8e6e1; --muted: #9aa1ab; --line: #30363d; --soft: #23282e;
    --first: #41c7bd; --second: #f0a35c; --third: #a99df5; --bad: #f2877f; --good: #6fcf8f;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 70rem; background: var(--paper); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Arabic", Tahoma, sans-serif;
  font-variant-numeric: tabular-nums;
}
h1, h2, h3, h4 { line-height: 1.25; text-wrap: balance; margin: 0; }
h1 { font-size: 1.9rem; letter-spacing: -.01em; }
h2 { font-size: 1.45rem; }
h3 { font-size: 1.05rem; }
p { margin: .4rem 0 0; max-width: 68ch; }
a { color: var(--first); }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .35rem .6rem; text-align: end; border-bottom: 1px solid var(--line); vertical-align: middle; }
th { font-weight: 500; color: var(--muted); font-size: .85rem; }
th:first-child, td:first-child { text-align: start; padding-inline-start: 0; }
tbody th { color: var(--ink); font-size: inherit; }
.scroll { overflow-x: auto; }
.muted { color: var(--muted); }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { fill: var(--muted); font-size: 11px; }
.axis { stroke: var(--line); stroke-width: 1; fill: none; }
.arabic { font-family: "Noto Naskh Arabic", "Geeza Pro", "Segoe UI", Tahoma, "Noto Sans Arabic", sans-serif; }
@page { margin: 14mm; }
@media print {
  :root {
    color-scheme: light;
    --paper: #fff; --card: #fff; --ink: #000; --muted: #555; --line: #ccc; --soft: #f3f3f3;
    --first: #0b6e69; --second: #b4540a; --third: #5546c4; --bad: #b3261e; --good: #1b7a3d;
  }
  body { font-size: 10pt; padding: 0; max-width: none; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  table { font-size: 8pt; }
  th, td { padding: .2rem .35rem; }
  th { font-size: inherit; }
  .scroll { overflow: visible; }
  h2, h3 { break-after: avoid; }
  tr, figure, .whole { break-inside: avoid; }
  thead { display: table-header-group; }
}
`;
