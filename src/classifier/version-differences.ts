/** What changed from one version of a classifier to another, for people. */

import type { Manifest } from './bundle.ts';

const percent = (x: number) => (100 * x).toFixed(1);

/** Leaves of a value by their path, e.g. `articles.train` → `1050`. */
function leaves(value: unknown, path = ''): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[path, String(value)]];
  return Object.entries(value).flatMap(([key, own]) => leaves(own, path === '' ? key : `${path}.${key}`));
}

function changed(name: string, from: unknown, to: unknown): string[] {
  const [before, after] = [new Map(leaves(from)), new Map(leaves(to))];
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => before.get(path) !== after.get(path))
    .map((path) => `${name} ${path}: ${before.get(path) ?? 'none'} → ${after.get(path) ?? 'none'}`);
}

/** Thresholds by label rather than by place: labels may have come, gone or moved. */
const thresholdsOf = ({ taxonomy, heads }: Manifest) =>
  Object.fromEntries(
    taxonomy.heads.flatMap(({ id, kind, labels }, i) =>
      kind === 'one-of'
        ? []
        : labels.map((label, k) => [`${id}/${label.id}`, heads[i]!.thresholds[k]!.toFixed(2)] as const),
    ),
  );

const labelsOf = ({ taxonomy }: Manifest) =>
  Object.fromEntries(
    taxonomy.heads.flatMap(({ id, labels }) => labels.map((label) => [`${id}/${label.id}`, 'yes'])),
  );

function figureLines({ figures: from = {} }: Manifest, { figures: to = {} }: Manifest): string[] {
  return Object.entries(to).flatMap(([head, measures]) =>
    Object.entries(measures).flatMap(([measure, [value, low, high]]) => {
      const before = from[head]?.[measure]?.[0];
      if (before === undefined || before === value) return [];
      const difference = `${value > before ? '+' : '−'}${percent(Math.abs(value - before))}`;
      return [
        `figure ${head} ${measure}: ${percent(before)} → ${percent(value)} (${difference}; 95 % ${percent(low)} – ${percent(high)})`,
      ];
    }),
  );
}

/**
 * One line for each difference in figures, data, encoder, labels, options, thresholds and environment. Figures compare only where the
 * test data are the same; `evaluate --compare` tests the difference on one set.
 */
export function describeDifferences(from: Manifest, to: Manifest): string[] {
  const { options, versions, backend, ...training } = to.training;
  const {
    options: optionsBefore,
    versions: versionsBefore,
    backend: backendBefore,
    ...before
  } = from.training;
  return [
    ...figureLines(from, to),
    ...changed('training', before, training),
    ...changed('encoder', from.encoder, to.encoder),
    ...changed('label', labelsOf(from), labelsOf(to)),
    ...changed('n-grams', from.ngrams, to.ngrams),
    ...changed('option', optionsBefore, options),
    ...changed('threshold', thresholdsOf(from), thresholdsOf(to)),
    ...changed('environment', { ...versionsBefore, backend: backendBefore }, { ...versions, backend }),
  ];
}
