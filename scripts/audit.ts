import { auditCorpus } from '../src/audit/audit.ts';
import { readCorpus } from '../src/audit/corpus.ts';
import { brokenRules, parseLimits } from '../src/audit/limits.ts';
import { auditPage } from '../src/audit/page.ts';
import { RULE_NAMES } from '../src/audit/report.ts';
import { formatAudit } from '../src/audit/table.ts';
import { loadTaxonomy } from '../src/dataset/taxonomy.ts';
import { RasidError } from '../src/errors.ts';
import { writeFileAtomically } from '../src/storage.ts';
import { runCommand } from './lib/cli.ts';
import { embedArticles, openEncoderWithProgress } from './lib/embed.ts';
import { createProgress, type Progress } from './lib/progress.ts';
import { ENCODER_SETTINGS } from './lib/settings.ts';

const SHOWN = 5;

/** One bar after the other, each with its stage's name. */
function createStages() {
  let bar: Progress | undefined;
  let current = '';
  return {
    onProgress(stage: string, done: number, total: number) {
      if (stage !== current) {
        bar?.stop();
        bar = createProgress(stage);
        current = stage;
      }
      bar!.update(done, total);
    },
    stop: () => bar?.stop(),
  };
}

await runCommand({
  name: 'audit',
  summary:
    'Looks for what a corpus hides: duplicates, leaks between splits, rare labels, odd lengths and languages, probable label errors.',
  settings: ['dataFile', 'taxonomyFile', 'seed', ...ENCODER_SETTINGS],
  options: {
    json: { type: 'string', value: 'file', description: 'Writes all findings with their evidence as JSON' },
    html: { type: 'string', value: 'file', description: 'Writes a page with plots, in one file' },
    all: { type: 'boolean', description: `Shows every finding, not the first ${SHOWN} of each rule` },
    vectors: {
      type: 'boolean',
      description: "Judges labels by the encoder's vectors too: better on small corpora, slow on large ones",
    },
    'no-label-errors': { type: 'boolean', description: 'Does not look for label errors' },
    'fail-on': {
      type: 'string',
      value: 'rules',
      description: `Exit code 1 where a rule has findings, or more than <rule>=<number>; rules: ${RULE_NAMES.join(', ')}`,
    },
  },
  async run({ config, options, signal, print, warn }) {
    const limits = options['fail-on'] === undefined ? new Map() : parseLimits(options['fail-on']);
    const taxonomy = await loadTaxonomy(config.taxonomyFile);
    const corpus = await readCorpus(config.dataFile, taxonomy);
    const input = {
      file: config.dataFile,
      corpus,
      taxonomy,
      seed: config.seed,
      labelErrors: !options['no-label-errors'],
    };
    const stages = createStages();
    if (options.vectors && input.labelErrors) {
      const encoder = await openEncoderWithProgress(config, warn);
      const { vectors } = await embedArticles(encoder, corpus.articles, signal, warn).finally(() =>
        encoder.close(),
      );
      Object.assign(input, { vectors: { values: vectors, dim: encoder.identity.dim } });
    }
    const report = auditCorpus({ ...input, onProgress: stages.onProgress });
    stages.stop();
    print(formatAudit(report, options.all ? Number.POSITIVE_INFINITY : SHOWN));
    if (options.json !== undefined)
      await writeFileAtomically(options.json, `${JSON.stringify(report, null, 2)}\n`);
    if (options.html !== undefined) await writeFileAtomically(options.html, auditPage(report));
    const broken = brokenRules(report, limits);
    if (broken.length > 0)
      throw new RasidError('audit-failed', broken.join('\n  '), {
        hint: 'Mend the articles named above, or change --fail-on.',
      });
  },
});
