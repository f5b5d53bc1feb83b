/**
 * Peak memory of bulk runs of few and of many rows. The encoder is a stand-in that answers at once, for the real one
 * would take hours and works in processes of its own; reading, classifying and writing are the real ones.
 */

import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface MemoryOptions {
  folder: string;
  ending: string;
  /** Rows of the two runs. */
  short: number;
  long: number;
  print: (line: string) => void;
}

/** As `npm run bulk` has it: garbage is collected once the heap has grown by a fifth, not when it has doubled. */
const COLLECTS_EARLY = '--heap-growing-percent=20';

function* repeated(articles: readonly string[], rows: number): Generator<string> {
  for (let i = 0; i < rows; i++) {
    const { id, text } = JSON.parse(articles[i % articles.length]!);
    yield `${JSON.stringify({ id: `${id}-${i}`, text, row: i })}\n`;
  }
}

/** Peak resident memory of the run's process, bytes, and its time, ms. */
async function peakOf(input: string, output: string): Promise<{ peak: number; ms: number }> {
  const argv = [COLLECTS_EARLY, '--import', 'tsx', 'bench/lib/bulk/stand-in.ts', input, output];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const started = performance.now();
  const code = await new Promise((resolve, reject) => child.on('close', resolve).on('error', reject));
  if (code !== 0) throw new Error(`the run ended with exit code ${code}`);
  return { peak: Number(said.trim()) * 1_024, ms: performance.now() - started };
}

export async function measureMemory({ folder, ending, short, long, print }: MemoryOptions): Promise<number> {
  const articles = (await readFile('data/articles.jsonl', 'utf8')).trimEnd().split('\n');
  const peaks: number[] = [];
  for (const rows of [short, long]) {
    const input = join(folder, `memory-${rows}.jsonl`);
    const output = join(folder, `memory-${rows}-out.${ending}`);
    await pipeline(Readable.from(repeated(articles, rows)), createWriteStream(input));
    const { peak, ms } = await peakOf(input, output);
    peaks.push(peak);
    print(
      `${rows} rows to ${ending}: peak memory ${(peak / 2 ** 20).toFixed(0)} MiB, ${(ms / 1_000).toFixed(0)} s`,
    );
    await Promise.all([input, output, `${output}.summary.json`].map((path) => rm(path, { force: true })));
  }
  const ratio = peaks[1]! / peaks[0]!;
  print(`memory at ${long} rows beside ${short}: ${ratio.toFixed(3)}`);
  return ratio;
}
