import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  findVersion,
  listVersions,
  pruneVersions,
  useVersion,
  type Version,
} from '../src/classifier/store.ts';
import { describeDifferences } from '../src/classifier/version-differences.ts';
import { describeReadError, RasidError } from '../src/errors.ts';
import { runCommand, wholeNumber } from './lib/cli.ts';

const DEFAULT_KEEP = 5;
const ACTIONS = { list: 0, show: 1, use: 1, diff: 2, prune: 0 } as const;

/** One line a version: name, what it is trained on, its headline figures. */
function describeVersion({ name, manifest, isCurrent, isPrevious }: Version): string {
  const mark = isCurrent ? '* ' : isPrevious ? '- ' : '  ';
  const { articles, data } = manifest.training;
  const figures = Object.entries(manifest.figures ?? {}).map(
    ([head, { macroF1 }]) => `${head} macro F1 ${(100 * (macroF1?.[0] ?? Number.NaN)).toFixed(1)}`,
  );
  const trained = `${articles.train + articles.validation} articles (data ${data.slice(0, 8)})`;
  return `${mark}${[name, trained, `encoder ${manifest.encoder.weights.slice(0, 8)}`, ...figures].join('  ')}`;
}

await runCommand({
  name: 'models',
  summary:
    'Versions of the trained classifier: list, show <version>, use <version>, diff <version> <version>, prune. A version is named by its name, its number, the start of its id, current or previous.',
  positionals: 'list|show|use|diff|prune [version…]',
  settings: ['modelFolder'],
  options: {
    keep: {
      type: 'string',
      value: 'n',
      description: `Newest versions that prune keeps, beside the current and the previous one (default ${DEFAULT_KEEP})`,
    },
  },
  async run({ config, options, positionals, print }) {
    const store = config.modelFolder;
    const [action = 'list', ...wanted] = positionals;
    if (!(action in ACTIONS)) throw new RasidError('usage', `${action}: no such action`);
    const count = ACTIONS[action as keyof typeof ACTIONS];
    if (wanted.length !== count)
      throw new RasidError('usage', `${action} takes ${count} version${count === 1 ? '' : 's'}`);
    const keep = wholeNumber('--keep', options.keep, DEFAULT_KEEP);

    const names = await Promise.all(wanted.map((version) => findVersion(store, version)));
    if (action === 'list') {
      const versions = await listVersions(store);
      if (versions.length === 0) {
        throw new RasidError('bundle-missing', `${store}: holds no version`, {
          hint: 'Train one with `npm run train`.',
        });
      }
      for (const version of versions) print(describeVersion(version));
      print('* current, - previous');
    } else if (action === 'show') {
      const path = join(store, names[0]!, 'README.md');
      print(
        await readFile(path, 'utf8').catch((error: unknown) => {
          throw describeReadError(error, path);
        }),
      );
    } else if (action === 'use') {
      await useVersion(store, names[0]!);
      print(`${names[0]} is the current version; a server takes it up at its next reload or start`);
    } else if (action === 'diff') {
      const versions = await listVersions(store);
      const [from, to] = names.map((name) => versions.find((version) => version.name === name)!.manifest);
      const lines = describeDifferences(from!, to!);
      for (const line of lines.length > 0 ? lines : ['no difference']) print(line);
    } else {
      const removed = await pruneVersions(store, keep);
      print(removed.length > 0 ? `removed ${removed.join(', ')}` : 'nothing to remove');
    }
  },
});
