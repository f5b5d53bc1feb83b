/** The distributed queue: what it costs, how workers add up, how many one Redis serves, and what happens when things break. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../scripts/lib/cli.ts';
import { RasidError } from '../src/errors.ts';
import { skipsRedis } from '../test/bulk/queue/redis.ts';
import { measureCeiling } from './lib/queue/ceiling.ts';
import { measureFaults } from './lib/queue/faults.ts';
import { startBenchRedis } from './lib/queue/fleet.ts';
import { measureGrowth, measureOverhead } from './lib/queue/overhead.ts';

const PARTS = ['overhead', 'growth', 'ceiling', 'faults'] as const;

const countOf = (name: string, value: string | undefined, fallback: number) => {
  const count = value === undefined ? fallback : Number(value);
  if (!Number.isInteger(count) || count < 1) throw new RasidError('usage', `--${name}: ${value} is no count`);
  return count;
};

await runCommand({
  name: 'bench:queue',
  summary:
    'The queue: overhead beside workers fed directly, growth with workers, the most one Redis serves, faults. Redis is started for it.',
  positionals: `[${PARTS.join('|')}…]`,
  settings: ['dataFile', 'modelFolder', 'blockRows'],
  options: {
    rows: {
      type: 'string',
      value: 'n',
      description: 'Rows; default: 4,000, of ceiling 20,000, of faults 2,000',
    },
    rounds: { type: 'string', value: 'n', description: 'Rounds of overhead; default: 3' },
  },
  async run({ config, options, positionals, print }) {
    const unknown = positionals.find((part) => !(PARTS as readonly string[]).includes(part));
    if (unknown !== undefined) throw new RasidError('usage', `no such part: ${unknown}`);
    if (skipsRedis)
      throw new RasidError('usage', 'this bench needs the program redis-server', {
        hint: "Install it (Debian's package is redis-server).",
      });
    const rows = (fallback: number) => countOf('rows', options.rows, fallback);
    const folder = await mkdtemp(join(tmpdir(), 'rasid-bench-queue-'));
    const redis = await startBenchRedis();
    const bench = { config, folder, redis, print };
    const parts = {
      overhead: () => measureOverhead(bench, rows(4_000), countOf('rounds', options.rounds, 3)),
      growth: () => measureGrowth(bench, rows(4_000)),
      ceiling: () => measureCeiling(bench, rows(20_000)),
      faults: () => measureFaults(bench, rows(2_000)),
    };
    try {
      for (const part of PARTS)
        if (positionals.length === 0 || positionals.includes(part)) await parts[part]();
    } finally {
      await redis.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
});
