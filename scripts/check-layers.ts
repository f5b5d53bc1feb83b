/** Checks that imports go in one direction: see scripts/lib/layers.ts. */

import { runCommand } from './lib/cli.ts';
import { checkLayers } from './lib/layers.ts';

await runCommand({
  name: 'check:layers',
  summary:
    'Checks that every module imports from its own row or a row below, and that no import circle exists.',
  run: async ({ print, warn }) => {
    const problems = checkLayers(process.cwd());
    for (const problem of problems) warn(problem);
    print(problems.length === 0 ? 'imports go in one direction' : `${problems.length} violations`);
    return problems.length === 0 ? 0 : 1;
  },
});
