/** Rows a second of a bulk run beside the bare encoder on the same texts, in turns in one process. */

import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { blocksAhead, openBulkModel } from '../../../src/bulk/model.ts';
import { DEFAULT_PREFIX } from '../../../src/bulk/output/columns.ts';
import { runBulk } from '../../../src/bulk/run.ts';
import { DEFAULT_TEXT_COLUMNS, rowText } from '../../../src/bulk/text.ts';
import type { Config } from '../../../src/config.ts';
import { openConfiguredEncoder } from '../../../src/encoder/settings.ts';

export interface ThroughputOptions {
  config: Config;
  /** Where files are written. */
  folder: string;
  /** Rows, taken in turn from the articles. */
  rows: number;
  /** Rounds in turn, of which the best of each counts: the machine may be busy with other things. */
  rounds: number;
  /** Ending of the output. */
  ending: string;
  print: (line: string) => void;
}

export async function measureThroughput(options: ThroughputOptions): Promise<number> {
  const { config, folder, rows, rounds, ending, print } = options;
  const articles = (await readFile(config.dataFile, 'utf8')).trimEnd().split('\n');
  const lines = Array.from({ length: rows }, (_, i) => articles[i % articles.length]!);
  const input = join(folder, 'throughput.jsonl');
  const output = join(folder, `throughput-out.${ending}`);
  await writeFile(input, `${lines.join('\n')}\n`);
  const texts = lines.flatMap((line) => {
    const read = rowText(JSON.parse(line), DEFAULT_TEXT_COLUMNS);
    return 'text' in read ? [read.text] : [];
  });
  const labels = { prefix: DEFAULT_PREFIX, allScores: false };
  const model = await openBulkModel(config, { columns: DEFAULT_TEXT_COLUMNS, labels });
  const encoder = await openConfiguredEncoder(config);
  const best = { bare: Number.POSITIVE_INFINITY, bulk: Number.POSITIVE_INFINITY };
  const ratios: number[] = [];
  try {
    await encoder.encode(texts.slice(0, 100));
    for (let round = 0; round <= rounds; round++) {
      let started = performance.now();
      await encoder.encode(texts);
      const bare = performance.now() - started;
      started = performance.now();
      await runBulk({
        ...model,
        inputs: [{ path: input, format: 'jsonl' }],
        output,
        textColumn: 'text',
        blockRows: config.blockRows,
        blocksAhead: blocksAhead(model.workers, config.blockRows),
      });
      const bulk = performance.now() - started;
      for (const path of [output, `${output}.summary.json`, `${output}.rejects.jsonl`])
        await rm(path, { force: true });
      // The first round warms up.
      if (round === 0) continue;
      best.bare = Math.min(best.bare, bare);
      best.bulk = Math.min(best.bulk, bulk);
      ratios.push(bare / bulk);
      const rate = (ms: number) => ((1_000 * rows) / ms).toFixed(0);
      print(`round ${round}: bare encoder ${rate(bare)} texts/s, bulk ${rate(bulk)} rows/s`);
    }
  } finally {
    await encoder.close();
    await model.close();
  }
  const ratio = best.bare / best.bulk;
  const middle = ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)]!;
  print(
    `bulk beside bare, ${rows} rows to ${ending}: best ${ratio.toFixed(3)}, median of rounds ${middle.toFixed(3)}`,
  );
  return ratio;
}
