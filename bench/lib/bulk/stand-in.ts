/**
 * A bulk run with the trained classifier and an encoder that answers at once: `stand-in.ts input.jsonl output`. Prints
 * the peak of its resident memory, KiB.
 */

import { answerWithLabels } from '../../../src/bulk/answer.ts';
import { blocksAhead } from '../../../src/bulk/model.ts';
import { labelColumns } from '../../../src/bulk/output/columns.ts';
import { runBulk } from '../../../src/bulk/run.ts';
import { DEFAULT_TEXT_COLUMNS } from '../../../src/bulk/text.ts';
import { useBackend } from '../../../src/classifier/backend.ts';
import { openClassifier } from '../../../src/classifier/classifier.ts';
import { loadCurrent } from '../../../src/classifier/store.ts';
import type { Encoder } from '../../../src/encoder/encoder.ts';

const [input, output] = process.argv.slice(2) as [string, string];
const WORKERS = 2;

await useBackend('auto');
const bundle = await loadCurrent('models/classifier');
const { encoder: identity, taxonomy } = bundle.manifest;
const encoder: Encoder = {
  identity,
  workers: WORKERS,
  async encode(texts) {
    // One number in each vector differs from text to text; all have length 1.
    const vectors = new Float32Array(texts.length * identity.dim);
    for (const [i, text] of texts.entries()) vectors[i * identity.dim + (text.length % identity.dim)] = 1;
    const each = <T>(value: T) => texts.map(() => value);
    return { vectors, tokens: each(100), truncated: each(false), windows: each(1) };
  },
  close: async () => {},
};
const classifier = openClassifier(bundle, identity);
const blockRows = 256;
await runBulk({
  inputs: [{ path: input, format: 'jsonl' }],
  output,
  answer: answerWithLabels({ classifier, encoder }, DEFAULT_TEXT_COLUMNS),
  model: classifier.id,
  added: labelColumns(taxonomy, { prefix: 'predicted_', allScores: false }),
  textColumn: 'text',
  blockRows,
  blocksAhead: blocksAhead(WORKERS, blockRows),
  facts: {},
});
process.stdout.write(`${process.resourceUsage().maxRSS}\n`);
