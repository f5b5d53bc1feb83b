/** A worker without a queue: `direct-worker.ts <warm-up> <input> <rows a block>` answers its file when it is told to. */

import { once } from 'node:events';
import { blocksAhead, openBulkModel } from '../../../src/bulk/model.ts';
import { DEFAULT_PREFIX } from '../../../src/bulk/output/columns.ts';
import { runBulk } from '../../../src/bulk/run.ts';
import { DEFAULT_TEXT_COLUMNS } from '../../../src/bulk/text.ts';
import { loadConfig } from '../../../src/config.ts';

const [warmUp, input, rows] = process.argv.slice(2);
const config = loadConfig({ workers: '1' }, process.env);
const blockRows = Number(rows);
const labels = { prefix: DEFAULT_PREFIX, allScores: false };
const model = await openBulkModel(config, { columns: DEFAULT_TEXT_COLUMNS, labels });
const answer = (path: string, output: string) =>
  runBulk({
    ...model,
    inputs: [{ path, format: 'jsonl' }],
    output,
    textColumn: DEFAULT_TEXT_COLUMNS.text,
    blockRows,
    blocksAhead: blocksAhead(1, blockRows),
  });
await answer(warmUp!, `${input}-warm-up-${process.pid}.jsonl`);
process.send!('ready');
await once(process, 'message');
await answer(input!, `${input}-${process.pid}.jsonl`);
process.send!('done');
// Its CPU time is looked at before it goes.
await once(process, 'message');
await model.close();
process.disconnect();
