/** Rows a second of a bulk run beside the bare encoder on the same texts, in turns in one process. */

import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { blocksAhead, openBulkModel } from '../../../src/bulk/model.ts';
import { DEFAULT_PREFIX } from '../../../src/bulk/output/columns.ts';
import { runBulk } from '../../../src/bulk/run.ts';
import { DEFAULT_TEXT_COLUMNS, rowText } from '../../../src/bulk/text.ts';
import type { Config } from '../../../src/config.ts';
import { openConfiguredEncoder } from '../../../src/encoder/settings.ts';
import { cpuOf } from '../cpu-time.ts';

interface Cost {
  ms: number;
  cpu: number;
}

export interface ThroughputOptions {
  config: Config;
  /** Where files are written. */
  folder: string;
  /** Rows, taken in turn from the articles. */
  rows: number;
  /** Rounds in turn, of whose ratios the median counts: the machine may be busy with other things. */
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
  const ratios: number[] = [];
  const cpuRatios: number[] = [];
  const timed = async (work: () => Promise<unknown>): Promise<Cost> => {
    const [started, cpu] = [performance.now(), await cpuOf(process.pid)];
    await work();
    return { ms: performance.now() - started, cpu: (await cpuOf(process.pid)) - cpu };
  };
  const runBare = () => timed(() => encoder.encode(texts));
  const runBulkOnce = async () => {
    const inputs = [{ path: input, format: 'jsonl' as const }];
    const { blockRows } = config;
    const ahead = blocksAhead(model.workers, blockRows);
    const cost = await timed(() =>
      runBulk({ ...model, inputs, output, textColumn: 'text', blockRows, blocksAhead: ahead }),
    );
    for (const path of [output, `${output}.summary.json`, `${output}.rejects.jsonl`])
      await rm(path, { force: true });
    return cost;
  };
  try {
    await runBare();
    await runBulkOnce();
    for (let round = 1; round <= rounds; round++) {
      // In turns, so that a machine that grows busier favours neither.
      const early = round % 2 === 0 ? await runBulkOnce() : undefined;
      const bare = await runBare();
      const bulk = early ?? (await runBulkOnce());
      ratios.push(bare.ms / bulk.ms);
      cpuRatios.push(bare.cpu / bulk.cpu);
      const rate = (ms: number) => ((1_000 * rows) / ms).toFixed(0);
      print(
        `round ${round}: bare encoder ${rate(bare.ms)} texts/s, bulk ${rate(bulk.ms)} rows/s: ${(bare.ms / bulk.ms).toFixed(3)}; CPU time ${bare.cpu.toFixed(1)} and ${bulk.cpu.toFixed(1)} s: ${(bare.cpu / bulk.cpu).toFixed(3)}`,
      );
    }
  } finally {
    await encoder.close();
    await model.close();
  }
  const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
  const middle = median(ratios);
  print(
    `bulk beside the bare encoder, ${rows} rows to ${ending}, medians of rounds: rows a second ${middle.toFixed(3)}, CPU time ${median(cpuRatios).toFixed(3)}`,
  );
  return middle;
}
