import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkLayers } from '../../../scripts/lib/layers.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'rasid-layers-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Makes files of which each imports the paths given. */
async function plant(files: Record<string, string[]>): Promise<string[]> {
  for (const [file, imports] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), imports.join('\n'));
  }
  return checkLayers(root);
}

describe('checkLayers', () => {
  it('finds nothing in this project', () => {
    expect(checkLayers(process.cwd())).toEqual([]);
  });

  it('allows imports from the same row, from below, and anything by the entries', async () => {
    const problems = await plant({
      'src/errors.ts': [],
      'src/storage.ts': ["import './errors.ts';"],
      'src/text/a.ts': ["import './b.ts';", "import 'zod';", "import 'node:fs';"],
      'src/text/b.ts': ["import '../storage.ts';"],
      'src/server/app.ts': ["export * from '../text/a.ts';"],
      'src/index.ts': ["import './server/app.ts';"],
      'scripts/serve.ts': ["import '../src/index.ts';", "import './lib/cli.ts';"],
      'scripts/lib/cli.ts': ["import '../../src/errors.ts';"],
    });
    expect(problems).toEqual([]);
  });

  it.each([
    ['a plain import', "import { x } from '../server/app.ts';"],
    ['a type import', "import type { X } from '../server/app.ts';"],
    ['a re-export', "export { x } from '../server/app.ts';"],
    ['a dynamic import', "const app = await import('../server/app.ts');"],
  ])('finds %s of a row above', async (_, line) => {
    const problems = await plant({ 'src/server/app.ts': [], 'src/text/a.ts': [line] });
    expect(problems).toEqual(['src/text/a.ts: imports src/server/app.ts, which lies in a row above it']);
  });

  it('finds a bottom file that imports a folder, and src that imports the entry or a script', async () => {
    const problems = await plant({
      'src/config.ts': ["import './text/a.ts';"],
      'src/text/a.ts': ["import '../index.ts';"],
      'src/index.ts': [],
      'src/bulk/a.ts': ["import '../../scripts/lib/cli.ts';"],
      'scripts/lib/cli.ts': [],
    });
    expect(problems).toHaveLength(3);
  });

  it('finds a circle within a row', async () => {
    const problems = await plant({
      'src/text/a.ts': ["import './b.ts';"],
      'src/text/b.ts': ["import './c.ts';"],
      'src/text/c.ts': ["import './a.ts';"],
    });
    expect(problems).toEqual(['circle: src/text/a.ts → src/text/b.ts → src/text/c.ts → src/text/a.ts']);
  });

  it('finds a folder that is in no row, and a file that does not exist', async () => {
    const problems = await plant({ 'src/utils/a.ts': ["import './none.ts';"] });
    expect(problems.join('\n')).toMatch(/lies in no row[\s\S]*none\.ts, which does not exist/);
  });
});
