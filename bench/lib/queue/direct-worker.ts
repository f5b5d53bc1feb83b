/** A worker without a queue: `direct-worker.ts <input> <output>` answers its file when it is told to. */

import { once } from 'node:events';
import { blocksAhead, openBulkModel } from '../../../src/bulk/model.ts';
import { DEFAULT_PREFIX } from '../../../src/bulk/output/columns.ts';
import { runBulk } from '../../../src/bulk/run.ts';
import { DEFAULT_TEXT_COLUMNS } from '../../../src/bulk/text.ts';
import { loadConfig } from '../../../src/config.ts';

const [input, output, rows] = process.argv.slice(2);
const config = loadConfig({ workers: '1' }, process.env);
const blockRows = Number(rows);
const labels = { prefix: DEFAULT_PREFIX, allScores: false };
const model = await openBulkModel(config, { columns: DEFAULT_TEXT_COLUMNS, labels });
process.send!('ready');
await once(process, 'message');
await runBulk({
  ...model,
  inputs: [{ path: input!, format: 'jsonl' }],
  output: output!,
  textColumn: DEFAULT_TEXT_COLUMNS.text,
  blockRows,
  blocksAhead: blocksAhead(1, blockRows),
});
process.send!('done');
// Its CPU time is looked at before it goes.
await once(process, 'message');
await model.close();
process.disconnect();
