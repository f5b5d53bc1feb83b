import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { articles, taxonomy } from '../audit/corpus-of.ts';
import { run } from './run.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rasid-audit-'));
  await writeFile(join(folder, 'taxonomy.json'), JSON.stringify(taxonomy));
});

async function audit(lines: readonly unknown[], ...argv: string[]) {
  const data = join(folder, 'articles.jsonl');
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  await writeFile(data, `${text}\n`);
  return run('audit', ['--data-file', data, '--taxonomy-file', join(folder, 'taxonomy.json'), ...argv]);
}

describe('npm run audit', () => {
  it('passes a sound corpus, and fails one with a broken rule, naming it', async () => {
    const own = articles(60);
    const sound = await audit(own, '--fail-on', 'duplicates,leakage');
    const broken = await audit(
      [...own, { ...own[0], id: 'again', split: 'test' }],
      '--fail-on',
      'duplicates,leakage',
    );

    expect(sound.code).toBe(0);
    expect(broken.code).toBe(1);
    expect(broken.stdout).toContain('a0, again: Jaccard index 1.00, train and test');
    expect(broken.stderr).toMatch(/duplicates: 1 findings, 0 allowed\n {2}leakage: 1 findings/);
  });

  it('reports lines at fault with their number and goes on', async () => {
    const own = articles(10);
    const { code, stdout } = await audit([
      own[0],
      '{"id": "x"',
      { ...own[1], labels: { topics: ['moon'] } },
      own[2],
      own[2],
    ]);

    expect(code).toBe(0);
    expect(stdout).toContain('invalid: 3');
    for (const line of ['line 2: ', 'line 3: ', 'line 5: id "a2" stands in line 4 already'])
      expect(stdout).toContain(line);
  });

  it('writes all findings as JSON, and a page that loads nothing and escapes the texts', async () => {
    const own = articles(10);
    own[1]!.text = own[0]!.text = `<script>alert(1)</script> ${own[0]!.text}`;
    const [json, html] = [join(folder, 'audit.json'), join(folder, 'audit.html')];

    await audit(own, '--json', json, '--html', html);

    const { findings, overview } = JSON.parse(await readFile(json, 'utf8'));
    expect(overview.articles).toBe(10);
    expect(findings.duplicates[0].ids).toEqual(['a0', 'a1']);
    const page = await readFile(html, 'utf8');
    expect(page).not.toMatch(/<script|src=|href="http|url\(/);
    expect(page).toContain('&lt;script&gt;');
    expect(page).toContain('dir="auto"');
  });

  it('refuses an unknown rule as a usage error', async () => {
    const { code, stderr } = await audit(articles(10), '--fail-on', 'leakge');

    expect(code).toBe(2);
    expect(stderr).toContain('did you mean leakage?');
  });
});
