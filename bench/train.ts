/**
 * What `npm run train` costs on 1,500 articles: seconds with an empty and with a full embedding cache, and the peak of
 * its memory. Articles of `data/` are taken in turn until there are enough; repeats are marked, so that none is cached.
 */

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../scripts/lib/cli.ts';
import { seededRandom } from '../src/random.ts';

const ARTICLES = 1_500;

interface Cost {
  seconds: number;
  /** Peak of the resident memory, bytes. */
  peak: number;
}

/** Peak resident memory of a process and all its children, from the kernel's counts, bytes. */
async function peakOf(pid: number): Promise<number> {
  const read = (path: string) => readFile(path, 'utf8').catch(() => '');
  const own = 1_024 * Number(/VmHWM:\s+(\d+)/.exec(await read(`/proc/${pid}/status`))?.[1] ?? 0);
  const children = (await read(`/proc/${pid}/task/${pid}/children`)).split(' ').filter(Boolean);
  const peaks = await Promise.all(children.map((child) => peakOf(Number(child))));
  return own + peaks.reduce((a, b) => a + b, 0);
}

/** Runs the training script and samples its memory, the encoder's workers included. */
async function train(argv: string[], signal: AbortSignal): Promise<Cost> {
  const started = performance.now();
  const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/train.ts', ...argv], {
    stdio: 'ignore',
    signal,
  });
  let peak = 0;
  const timer = setInterval(async () => {
    peak = Math.max(peak, await peakOf(child.pid!));
  }, 100);
  const code = await new Promise((resolve, reject) => child.on('close', resolve).on('error', reject));
  clearInterval(timer);
  if (code !== 0) throw new Error(`training ended with exit code ${code}`);
  return { seconds: (performance.now() - started) / 1_000, peak };
}

await runCommand({
  name: 'bench:train',
  summary: `Time and memory of training on ${ARTICLES} articles, with an empty and a full embedding cache.`,
  async run({ signal, print }) {
    const folder = await mkdtemp(join(tmpdir(), 'rasid-bench-train-'));
    try {
      const lines = (await readFile('data/articles.jsonl', 'utf8')).trimEnd().split('\n');
      const random = seededRandom(1);
      const records = Array.from({ length: ARTICLES }, (_, i) => {
        const record = JSON.parse(lines[i % lines.length]!);
        if (i < lines.length) return record;
        // Other words in another order: no near-duplicate of the article it stands in for.
        const text = random.shuffle((record.text as string).split(/\s+/)).join(' ');
        return { ...record, id: `${record.id}-${i}`, text };
      });
      const data = join(folder, 'articles.jsonl');
      await writeFile(data, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
      const argv = [
        '--data-file',
        data,
        '--model-folder',
        join(folder, 'model'),
        '--cache-folder',
        join(folder, 'cache'),
      ];
      for (const state of ['cold', 'warm']) {
        const { seconds, peak } = await train(argv, signal);
        print(`${state.padEnd(5)} ${seconds.toFixed(1)} s, peak memory ${(peak / 2 ** 20).toFixed(0)} MiB`);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
});
