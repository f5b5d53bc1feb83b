/**
 * Embedding throughput over the corpus beside a plain loop that awaits the feature-extraction pipeline of
 * Transformers.js for one text after the other; and how far batching moves a vector.
 */

import { env, pipeline as openPipeline } from '@xenova/transformers';
import { runCommand } from '../scripts/lib/cli.ts';
import { loadConfig } from '../src/config.ts';
import { articleText } from '../src/dataset/article.ts';
import { readArticles } from '../src/dataset/jsonl.ts';
import { loadTaxonomy } from '../src/dataset/taxonomy.ts';
import { openConfiguredEncoder } from '../src/encoder/settings.ts';

/** Rounds in turn, of which the best counts: the machine may be busy with other things. */
const ROUNDS = 3;

await runCommand({
  name: 'bench:embedding',
  summary: 'Embedding throughput over the corpus beside a plain loop over the Transformers.js pipeline.',
  settings: ['dataFile', 'taxonomyFile', 'workers'],
  async run({ config, print }) {
    const articles = await readArticles(config.dataFile, await loadTaxonomy(config.taxonomyFile));
    const texts = articles.map(articleText);
    const encoder = await openConfiguredEncoder(loadConfig({ workers: String(config.workers) }, {}));
    env.allowRemoteModels = false;
    env.localModelPath = 'models/';
    const plain = await openPipeline('feature-extraction', 'encoder', { dtype: 'q8' });
    await encoder.encode(texts.slice(0, 50));
    for (const text of texts.slice(0, 50)) await plain(text, { pooling: 'mean', normalize: true });

    const best = { rasid: Number.POSITIVE_INFINITY, plain: Number.POSITIVE_INFINITY };
    for (let round = 0; round < ROUNDS; round++) {
      let started = performance.now();
      await encoder.encode(texts);
      best.rasid = Math.min(best.rasid, performance.now() - started);
      started = performance.now();
      for (const text of texts) await plain(text, { pooling: 'mean', normalize: true });
      best.plain = Math.min(best.plain, performance.now() - started);
    }
    const rate = (ms: number) => `${((1_000 * texts.length) / ms).toFixed(0)} texts/s`;
    print(`${texts.length} texts, ${encoder.workers} workers`);
    print(`rasid            ${rate(best.rasid)}`);
    print(`plain pipeline   ${rate(best.plain)}`);
    print(`ratio            ${(best.plain / best.rasid).toFixed(2)}`);

    const { dim } = encoder.identity;
    const together = (await encoder.encode(texts)).vectors;
    let largest = 0;
    for (const [i, text] of texts.slice(0, 200).entries()) {
      const { vectors } = await encoder.encode([text]);
      for (let d = 0; d < dim; d++)
        largest = Math.max(largest, Math.abs(vectors[d]! - together[i * dim + d]!));
    }
    print(`largest difference of a component, alone and in a batch: ${largest.toExponential(1)}`);
    await encoder.close();
  },
});
