import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeHtml, html, page } from '../src/html.ts';

describe('html', () => {
  it('escapes whatever is put in', () => {
    expect(html`<p title="${'"x"'}">${'<script>'}</p>`.text).toBe(
      '<p title="&quot;x&quot;">&lt;script&gt;</p>',
    );
  });

  it('takes its own HTML, lists and numbers, and leaves out what is not there', () => {
    const items = ['a', 'b'].map((item) => html`<li>${item}</li>`);

    expect(html`<ul>${items}</ul>${0}${undefined}${false}`.text).toBe('<ul><li>a</li><li>b</li></ul>0');
  });

  it('lets no mark of any text through', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"']/);
      }),
    );
  });
});

describe('page', () => {
  it('forbids scripts and hosts, and escapes its title', () => {
    const document = page({ title: '</title><script>', language: 'en', style: '', body: html`<p>x</p>` });

    expect(document).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(document).not.toContain('<script');
  });
});
