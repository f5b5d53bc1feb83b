import { readArticles } from '../src/dataset/jsonl.ts';
import { loadTaxonomy } from '../src/dataset/taxonomy.ts';
import { runCommand } from './lib/cli.ts';
import { embedArticles, openEncoderWithProgress } from './lib/embed.ts';
import { ENCODER_SETTINGS } from './lib/settings.ts';

await runCommand({
  name: 'embed',
  summary: 'Embeds every article of the data file and keeps the vectors in the cache.',
  settings: ['dataFile', 'taxonomyFile', ...ENCODER_SETTINGS],
  async run({ config, signal, print, warn }) {
    const taxonomy = await loadTaxonomy(config.taxonomyFile);
    const articles = await readArticles(config.dataFile, taxonomy);
    const encoder = await openEncoderWithProgress(config, warn);
    try {
      const { tokens } = await embedArticles(encoder, articles, signal, warn);
      print(`${articles.length} articles, ${tokens.reduce((a, b) => a + b, 0)} tokens`);
    } finally {
      await encoder.close();
    }
  },
});
