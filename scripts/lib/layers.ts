/** The one direction of imports: a module imports from its own row or a row below it, and never in a circle. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import ts from 'typescript';

/** Highest row first. Files directly in `src/` are the last row; `src/index.ts` may import everything. */
export const ROWS = [
  'scripts',
  'src/server',
  'src/bulk',
  'src/evaluation',
  'src/audit',
  'src/classifier',
  'src/encoder',
  'src/dataset',
  'src/text',
  'src',
] as const;

const SOURCE = /\.(?:ts|mts|js|mjs)$/;
const ENTRY = 'src/index.ts';

function sourceFiles(root: string, folder: string): string[] {
  try {
    return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => `${folder}/${name.split(sep).join('/')}`)
      .filter((path) => SOURCE.test(path));
  } catch {
    return [];
  }
}

/** Files of the project that a file imports, types included, relative to the root. */
function localImports(root: string, file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true);
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) =>
      relative(root, resolve(root, dirname(file), fileName))
        .split(sep)
        .join('/'),
    );
}

/** Index into ROWS; -1 for the public entry, which stands above all; undefined for a file that is in no row. */
function rowOf(file: string): number | undefined {
  if (file === ENTRY) return -1;
  const folder = file.startsWith('scripts/') ? 'scripts' : file.split('/').slice(0, -1).slice(0, 2).join('/');
  const row = (ROWS as readonly string[]).indexOf(folder);
  return row < 0 ? undefined : row;
}

/** One circle of imports per strongly connected knot, found depth first. */
function findCircles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = [];
  const state = new Map<string, 'open' | 'done'>();
  const path: string[] = [];
  const visit = (file: string) => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      circles.push([...path.slice(path.indexOf(file)), file]);
      return;
    }
    state.set(file, 'open');
    path.push(file);
    for (const next of graph.get(file) ?? []) visit(next);
    path.pop();
    state.set(file, 'done');
  };
  for (const file of graph.keys()) visit(file);
  return circles;
}

/** Every violation under `root`, one line each; an empty list means that the house stands. */
export function checkLayers(root: string): string[] {
  const files = [...sourceFiles(root, 'src'), ...sourceFiles(root, 'scripts')].sort();
  const graph = new Map(files.map((file) => [file, localImports(root, file)]));
  const problems: string[] = [];
  for (const [file, imports] of graph) {
    const row = rowOf(file);
    if (row === undefined) problems.push(`${file}: lies in no row; the rows are ${ROWS.join(', ')}`);
    for (const imported of imports) {
      if (!SOURCE.test(imported)) continue;
      if (!graph.has(imported)) {
        problems.push(`${file}: imports ${imported}, which does not exist or is not part of src or scripts`);
        continue;
      }
      const target = rowOf(imported);
      const isUpwards = row !== undefined && target !== undefined && target < row;
      // Scripts use the library through whichever module they need, the public entry included.
      if (isUpwards && !(file.startsWith('scripts/') && imported === ENTRY)) {
        problems.push(`${file}: imports ${imported}, which lies in a row above it`);
      }
    }
  }
  for (const circle of findCircles(graph)) problems.push(`circle: ${circle.join(' → ')}`);
  return problems;
}
