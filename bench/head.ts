/**
 * What training costs once all vectors are there: seconds and peak memory for 40,000 rows. Rows are articles of `data/`
 * with their words in another order, and the article's vector with noise of a fifth of its length, so that no two rows
 * are equal and the labels are about as hard to tell apart as they are.
 */

import { runCommand } from '../scripts/lib/cli.ts';
import { embedArticles, openEncoderWithProgress } from '../scripts/lib/embed.ts';
import { ENCODER_SETTINGS } from '../scripts/lib/settings.ts';
import { useBackend } from '../src/classifier/backend.ts';
import { trainClassifier } from '../src/classifier/train.ts';
import type { Article } from '../src/dataset/article.ts';
import { readArticles } from '../src/dataset/jsonl.ts';
import { loadTaxonomy } from '../src/dataset/taxonomy.ts';
import { type Random, seededRandom } from '../src/random.ts';

const NOISE = 0.2;

/** A unit vector near the given one [dim]. */
function nearby(vector: Float32Array, random: Random): Float32Array {
  const scale = NOISE * Math.sqrt(3 / vector.length);
  const moved = vector.map((x) => x + scale * (2 * random.next() - 1));
  const norm = Math.hypot(...moved);
  return moved.map((x) => x / norm);
}

await runCommand({
  name: 'bench:head',
  summary: 'Time and memory of training the classifier on 40,000 rows whose vectors are known.',
  settings: ['dataFile', 'taxonomyFile', 'backend', 'seed', ...ENCODER_SETTINGS],
  options: {
    rows: { type: 'string', value: 'n', description: 'Rows (default 40000)' },
    'vectors-only': { type: 'boolean', description: 'Leaves n-grams out' },
  },
  async run({ config, options, signal, print, warn }) {
    const rows = Number(options.rows ?? 40_000);
    const taxonomy = await loadTaxonomy(config.taxonomyFile);
    const known = (await readArticles(config.dataFile, taxonomy)).filter(({ split }) => split !== 'test');
    const encoder = await openEncoderWithProgress(config, warn);
    const { dim } = encoder.identity;
    const { vectors: originals } = await embedArticles(encoder, known, signal, warn).finally(() =>
      encoder.close(),
    );
    const random = seededRandom(config.seed);
    const vectors = new Float32Array(rows * dim);
    const articles = Array.from({ length: rows }, (_, i): Article => {
      const k = i % known.length;
      vectors.set(nearby(originals.subarray(k * dim, (k + 1) * dim), random), i * dim);
      const text = random.shuffle(known[k]!.text.split(/\s+/)).join(' ');
      return { ...known[k]!, id: String(i), text, split: random.next() < 0.15 ? 'validation' : 'train' };
    });
    await useBackend(config.backend);
    const started = performance.now();
    const input = { articles, vectors, encoder: encoder.identity, taxonomy, seed: config.seed, signal };
    const { bestEpoch } = await trainClassifier({ ...input, ngrams: !options['vectors-only'] });
    const seconds = (performance.now() - started) / 1_000;
    const peak = process.resourceUsage().maxRSS / 1_024;
    print(
      `${rows} rows: ${seconds.toFixed(1)} s, best epoch ${bestEpoch}, peak memory ${peak.toFixed(0)} MiB`,
    );
  },
});
