/**
 * Speed of two encoders on the same long articles, in turns, over the product's own path. The articles are those of
 * `data/`, strung together until they reach 2,200 characters (the mean of the news sets the encoder was trained on).
 */

import { runCommand } from '../scripts/lib/cli.ts';
import { ENCODER_SETTINGS } from '../scripts/lib/settings.ts';
import { articleText } from '../src/dataset/article.ts';
import { readArticles } from '../src/dataset/jsonl.ts';
import { loadTaxonomy } from '../src/dataset/taxonomy.ts';
import { openConfiguredEncoder } from '../src/encoder/settings.ts';
import { RasidError } from '../src/errors.ts';

const CHARACTERS = 2_200;
const ARTICLES = 120;
const ROUNDS = 5;

/** Texts of at least `CHARACTERS` characters. */
function longTexts(texts: readonly string[]): string[] {
  const long: string[] = [];
  let text = '';
  for (const part of texts) {
    text = text === '' ? part : `${text}\n\n${part}`;
    if (text.length < CHARACTERS) continue;
    long.push(text);
    text = '';
  }
  return long.slice(0, ARTICLES);
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

await runCommand({
  name: 'bench:throughput',
  summary: 'Compares the speed of two encoders on the same long articles.',
  settings: ['dataFile', 'taxonomyFile', ...ENCODER_SETTINGS],
  options: {
    against: { type: 'string', value: 'folder', description: 'The other encoder (required)' },
  },
  async run({ config, options, signal, print }) {
    if (options.against === undefined) throw new RasidError('usage', '--against is missing');
    const taxonomy = await loadTaxonomy(config.taxonomyFile);
    const texts = longTexts((await readArticles(config.dataFile, taxonomy)).map(articleText));
    const encoders = await Promise.all(
      [config.encoder, options.against].map((encoder) => openConfiguredEncoder({ ...config, encoder })),
    );
    try {
      const rates: number[][] = encoders.map(() => []);
      for (const encoder of encoders) await encoder.encode(texts.slice(0, 8), { signal });
      for (let round = 0; round < ROUNDS; round++) {
        for (const [i, encoder] of encoders.entries()) {
          const started = performance.now();
          await encoder.encode(texts, { signal });
          rates[i]!.push((1_000 * texts.length) / (performance.now() - started));
        }
      }
      const [own, other] = rates.map(median) as [number, number];
      const ratios = rates[0]!.map((rate, round) => rate / rates[1]![round]!);
      print(`${config.encoder}: ${own.toFixed(1)} articles/s`);
      print(`${options.against}: ${other.toFixed(1)} articles/s`);
      print(
        `ratio ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`,
      );
    } finally {
      await Promise.all(encoders.map((encoder) => encoder.close()));
    }
  },
});
