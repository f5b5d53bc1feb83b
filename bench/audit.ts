/**
 * What the audit finds of what was planted, and what it costs. Near-duplicates: recall against a comparison of all with all.
 * Label flips: how many stand at the top of the list. Time and memory: corpora of growing size, each in a process of its own.
 */

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../scripts/lib/cli.ts';
import { createCorpus } from '../src/audit/corpus.ts';
import { labelErrorFindings, rankLabelErrors } from '../src/audit/label-errors.ts';
import { useBackend } from '../src/classifier/backend.ts';
import type { Config } from '../src/config.ts';
import { type Article, articleText } from '../src/dataset/article.ts';
import { readArticles } from '../src/dataset/jsonl.ts';
import { findSimilarSets } from '../src/dataset/near-duplicates.ts';
import { hashWords, shingles } from '../src/dataset/shingles.ts';
import { loadTaxonomy, type Taxonomy } from '../src/dataset/taxonomy.ts';
import { openCachedEncoder } from '../src/encoder/settings.ts';
import { type Random, seededRandom } from '../src/random.ts';
import { readLabelled } from './lib/labelled.ts';

const FLIPPED = 0.08;
const CHARACTERS = 2_000;
const LARGEST = 50_000;
const SIZES = [5_000, 10_000, 20_000, 40_000, LARGEST];
const BRUTE_FORCE = 3_000;
const JACCARD = 0.8;

const jaccard = (a: ReadonlySet<number>, b: ReadonlySet<number>) => {
  let both = 0;
  for (const x of a) if (b.has(x)) both += 1;
  return both / (a.size + b.size - both);
};

/** Copies of some texts with a share of their words replaced, from none to a tenth. */
function plantCopies(texts: readonly string[], count: number, random: Random): string[] {
  const copies = Array.from({ length: count }, () => {
    const words = texts[random.below(texts.length)]!.split(/\s+/);
    const share = 0.1 * random.next();
    return words.map((word) => (random.next() < share ? `${word}${random.below(1_000)}` : word)).join(' ');
  });
  return [...texts.slice(0, BRUTE_FORCE - count), ...copies];
}

function measureRecall(texts: readonly string[], random: Random): string {
  const sets = plantCopies(texts, BRUTE_FORCE / 5, random).map((text) => shingles(hashWords(text)));
  const asSets = sets.map((own) => new Set(own));
  const truth = new Set<string>();
  for (let a = 0; a < sets.length; a++) {
    for (let b = a + 1; b < sets.length; b++) {
      if (jaccard(asSets[a]!, asSets[b]!) >= JACCARD) truth.add(`${a} ${b}`);
    }
  }
  const found = findSimilarSets(sets, { threshold: JACCARD });
  const right = found.filter(({ first, second }) => truth.has(`${first} ${second}`)).length;
  return `near-duplicates  ${truth.size} pairs at Jaccard ≥ ${JACCARD} among ${sets.length} articles: recall ${(right / truth.size).toFixed(4)}, precision ${(right / found.length).toFixed(4)}`;
}

/** Changes the labels of some articles: another label in place of one, in one head chosen at random. */
function flipLabels(articles: readonly Article[], taxonomy: Taxonomy, random: Random) {
  const flipped = new Set<number>();
  const changed = articles.map((article, row) => {
    if (random.next() >= FLIPPED) return article;
    const known = taxonomy.heads.filter(({ id }) => article.labels?.[id] !== undefined);
    const head = known[random.below(known.length)];
    if (head === undefined) return article;
    const given = [article.labels![head.id]!].flat();
    const others = head.labels.map(({ id }) => id).filter((id) => !given.includes(id));
    const other = others[random.below(others.length)]!;
    flipped.add(row);
    const labels = head.kind === 'one-of' ? other : given.with(random.below(given.length), other);
    return { ...article, labels: { ...article.labels, [head.id]: labels } };
  });
  return { changed, flipped };
}

interface Vectors {
  values: Float32Array;
  dim: number;
}

async function measureFlips(
  name: string,
  articles: readonly Article[],
  taxonomy: Taxonomy,
  random: Random,
  vectors?: Vectors,
): Promise<string> {
  const { changed, flipped } = flipLabels(articles, taxonomy, random);
  const corpus = createCorpus(changed);
  const { heads, rows } = await rankLabelErrors({
    corpus,
    taxonomy,
    groups: articles.map((_, i) => [i]),
    seed: 1,
    ...(vectors ? { vectors } : {}),
  });
  const byId = new Map(articles.map(({ id }, row) => [id, row]));
  const listed = labelErrorFindings(corpus, taxonomy, heads, rows).map(({ ids }) => byId.get(ids[0]!)!);
  const top = new Set([...new Set(listed)].slice(0, Math.round(articles.length / 10)));
  const found = [...flipped].filter((row) => top.has(row)).length;
  return `label flips      ${name}, ${vectors ? 'by the classifier' : 'by words'}: ${found} of ${flipped.size} flipped articles in the top tenth (${((100 * found) / flipped.size).toFixed(1)} %)`;
}

/** Time and peak memory of `npm run audit` on a file. */
async function measureAudit(path: string, taxonomy: string, signal: AbortSignal) {
  const started = performance.now();
  const argv = ['--import', 'tsx', 'scripts/audit.ts', '--data-file', path, '--taxonomy-file', taxonomy];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'inherit'], signal });
  let peak = 0;
  const timer = setInterval(async () => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    peak = Math.max(peak, 1_024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
  }, 100);
  const code = await new Promise((resolve, reject) => child.on('close', resolve).on('error', reject));
  clearInterval(timer);
  if (code !== 0) throw new Error(`the audit ended with exit code ${code}`);
  return { seconds: (performance.now() - started) / 1_000, peak };
}

/** Flipped labels in the project's own corpus, by words and by the classifier. */
async function measureOwn(config: Config, print: (line: string) => void): Promise<void> {
  const taxonomy = await loadTaxonomy(config.taxonomyFile);
  const articles = await readArticles(config.dataFile, taxonomy);
  await useBackend(config.backend);
  const encoder = await openCachedEncoder(config);
  const { vectors: values } = await encoder.encode(articles.map(articleText));
  await encoder.close();
  const vectors = { values, dim: encoder.identity.dim };
  for (const seed of [1, 2, 3]) {
    print(await measureFlips(config.dataFile, articles, taxonomy, seededRandom(seed)));
    print(await measureFlips(config.dataFile, articles, taxonomy, seededRandom(seed), vectors));
  }
}

await runCommand({
  name: 'bench:audit',
  summary:
    'Recall of near-duplicates and of flipped labels, and time and memory over corpora of growing size.',
  settings: ['dataFile', 'taxonomyFile', 'seed', 'backend'],
  options: {
    data: {
      type: 'string',
      value: 'file',
      description: 'A large labelled set with one label a text, for the growth and the recall',
    },
    'growth-only': { type: 'boolean', description: 'Leaves out what is planted' },
    field: { type: 'string', value: 'name', description: 'Label field, where the set has several' },
  },
  async run({ config, options, signal, print }) {
    if (!options['growth-only']) await measureOwn(config, print);
    if (options.data === undefined) return;

    const { train, dev, classes } = await readLabelled(options.data, {
      ...(options.field ? { field: options.field } : {}),
    });
    const named = (id: string) => ({ id, name: { ar: id, en: id }, definition: { ar: id, en: id } });
    const { id, name } = named('label');
    const large: Taxonomy = { heads: [{ id, name, kind: 'one-of', labels: classes.map(named) }] };
    const rows: Article[] = (['train', 'dev'] as const).flatMap((part) => {
      const { texts, labels } = part === 'train' ? train : dev;
      return texts.map((text, i) => ({
        id: `${part}-${i}`,
        text,
        labels: { label: classes[labels[i]!]! },
        split: part === 'train' ? ('train' as const) : ('test' as const),
      }));
    });
    const random = seededRandom(config.seed);
    if (!options['growth-only']) {
      print(
        measureRecall(
          rows.slice(0, BRUTE_FORCE).map(({ text }) => text),
          random,
        ),
      );
      print(await measureFlips(options.data, random.shuffle(rows).slice(0, 5_000), large, random));
    }
    const folder = await mkdtemp(join(tmpdir(), 'rasid-bench-audit-'));
    try {
      const taxonomyFile = join(folder, 'taxonomy.json');
      await writeFile(taxonomyFile, JSON.stringify(large));
      for (const size of SIZES) {
        const file = join(folder, `${size}.jsonl`);
        const lines = Array.from({ length: size }, (_, i) => {
          const row = rows[i % rows.length]!;
          const next = rows[(i * 7 + 1) % rows.length]!;
          // The largest: articles of one length each, put together from two where one is too short.
          const text = size === LARGEST ? `${row.text} ${next.text}`.slice(0, CHARACTERS) : row.text;
          return `${JSON.stringify({ ...row, id: String(i), text })}\n`;
        });
        await writeFile(file, lines);
        const { seconds, peak } = await measureAudit(file, taxonomyFile, signal);
        print(
          `audit            ${String(size).padStart(6)} articles: ${seconds.toFixed(1)} s, ${((1_000 * seconds) / size).toFixed(2)} ms each, peak memory ${Math.round(peak / 2 ** 20)} MiB`,
        );
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  },
});
