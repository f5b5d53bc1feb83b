import { SPLITS } from '../src/dataset/article.ts';
import { readArticles, writeRecords } from '../src/dataset/jsonl.ts';
import { assignSplits } from '../src/dataset/split.ts';
import { loadTaxonomy } from '../src/dataset/taxonomy.ts';
import { runCommand } from './lib/cli.ts';

/** Where `split` stands in a record, whether it is new or not: a second run leaves the file as it is. */
const ORDER = { id: undefined, text: undefined, title: undefined, split: undefined };

await runCommand({
  name: 'split',
  summary:
    'Assigns train, validation and test to the articles that have no split yet; the others keep theirs.',
  settings: ['dataFile', 'taxonomyFile', 'seed'],
  async run({ config, print }) {
    const taxonomy = await loadTaxonomy(config.taxonomyFile);
    const articles = await readArticles(config.dataFile, taxonomy);
    const before = articles.filter(({ split }) => split === undefined).length;
    const splits = assignSplits(articles, taxonomy, { seed: config.seed });
    await writeRecords(
      config.dataFile,
      articles.map((article, i) => ({ ...ORDER, ...article, split: splits[i] })),
    );
    const counts = SPLITS.map((split) => `${splits.filter((s) => s === split).length} ${split}`).join(', ');
    print(`${before} articles assigned, ${articles.length} in all: ${counts}`);
  },
});
