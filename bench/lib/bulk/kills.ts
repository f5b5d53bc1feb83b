/** A run that is killed (SIGKILL, its whole process group) at random moments beside one that is left alone. */

import { spawn } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../../../src/config.ts';
import { seededRandom } from '../../../src/random.ts';

export interface KillOptions {
  folder: string;
  ending: string;
  rows: number;
  kills: number;
  config: Config;
  print: (line: string) => void;
}

/** Starts the command; resolves to its exit code, or to null where it was killed. */
function start(input: string, output: string, { blockRows, workers }: Config) {
  const argv = [
    'scripts/bulk.ts',
    input,
    '--out',
    output,
    '--block-rows',
    String(blockRows),
    '--workers',
    String(workers),
  ];
  const child = spawn(process.execPath, ['--import', 'tsx', ...argv], { stdio: 'ignore', detached: true });
  const ended = new Promise<number | null>((resolve, reject) =>
    child.on('close', resolve).on('error', reject),
  );
  return { kill: () => process.kill(-child.pid!, 'SIGKILL'), ended };
}

const filesOf = async (output: string) => ({
  output: await readFile(output),
  rejects: await readFile(`${output}.rejects.jsonl`),
});

/** @throws Error where one byte differs. */
export async function measureKills({
  folder,
  ending,
  rows,
  kills,
  config,
  print,
}: KillOptions): Promise<void> {
  const articles = (await readFile(config.dataFile, 'utf8')).trimEnd().split('\n');
  const input = join(folder, 'kills.jsonl');
  // Every hundredth row cannot be classified: the rejects must be the same as well.
  const lines = Array.from({ length: rows }, (_, i) =>
    i % 100 === 99 ? '{"id":"x"}' : articles[i % articles.length]!,
  );
  await writeFile(input, `${lines.join('\n')}\n`);
  const calm = join(folder, `calm.${ending}`);
  const killed = join(folder, `killed.${ending}`);
  const begun = performance.now();
  await start(input, calm, config).ended;
  const whole = performance.now() - begun;

  const random = seededRandom(1);
  let done = 0;
  let finished = 0;
  while (done < kills) {
    const run = start(input, killed, config);
    // Most kills early, so that many fall into one run; some anywhere in what an undisturbed run takes.
    const wait = random.next() * whole * (done % 4 === 3 ? 1.1 : 0.35);
    const code = await Promise.race([run.ended, delay(wait, 'running' as const)]);
    if (code !== 'running') {
      // Done before the kill: compared, and begun anew.
      await compare(calm, killed);
      finished += 1;
      for (const path of [killed, `${killed}.summary.json`, `${killed}.rejects.jsonl`]) await rm(path);
      continue;
    }
    run.kill();
    await run.ended;
    done += 1;
  }
  await start(input, killed, config).ended;
  await compare(calm, killed);
  print(
    `${rows} rows to ${ending}, killed ${done} times over ${finished + 1} runs: every output the same, byte for byte`,
  );
}

async function compare(calm: string, killed: string): Promise<void> {
  const [a, b] = await Promise.all([filesOf(calm), filesOf(killed)]);
  if (!a.output.equals(b.output) || !a.rejects.equals(b.rejects))
    throw new Error(`the output of a killed run differs: ${killed}`);
}
