/** Bulk runs: throughput beside the bare encoder, memory over the length of the input, and runs that are killed. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../scripts/lib/cli.ts';
import { RasidError } from '../src/errors.ts';
import { measureKills } from './lib/bulk/kills.ts';
import { measureMemory } from './lib/bulk/memory.ts';
import { measureThroughput } from './lib/bulk/throughput.ts';

const PARTS = ['throughput', 'memory', 'kills'] as const;

const countOf = (name: string, value: string | undefined, fallback: number) => {
  const count = value === undefined ? fallback : Number(value);
  if (!Number.isInteger(count) || count < 1) throw new RasidError('usage', `--${name}: ${value} is no count`);
  return count;
};

await runCommand({
  name: 'bench:bulk',
  summary: 'Bulk runs: throughput beside the bare encoder, memory over the length of the input, killed runs.',
  positionals: `[${PARTS.join('|')}…]`,
  settings: ['dataFile', 'modelFolder', 'workers', 'blockRows'],
  options: {
    rows: {
      type: 'string',
      value: 'n',
      description: 'Rows of throughput and kills; default: 2,000 and 1,500',
    },
    rounds: { type: 'string', value: 'n', description: 'Rounds of throughput; default: 5' },
    out: { type: 'string', value: 'ending', description: 'Ending of the output; default: jsonl' },
    most: { type: 'string', value: 'n', description: 'Rows of the long run of memory; default: 1,000,000' },
    kills: { type: 'string', value: 'n', description: 'Times a run is killed; default: 20' },
  },
  async run({ config, options, positionals, print }) {
    const unknown = positionals.find((part) => !(PARTS as readonly string[]).includes(part));
    if (unknown !== undefined) throw new RasidError('usage', `no such part: ${unknown}`);
    const wants = (part: (typeof PARTS)[number]) => positionals.length === 0 || positionals.includes(part);
    const folder = await mkdtemp(join(tmpdir(), 'rasid-bench-bulk-'));
    const ending = options.out ?? 'jsonl';
    try {
      if (wants('throughput')) {
        const rows = countOf('rows', options.rows, 2_000);
        const rounds = countOf('rounds', options.rounds, 5);
        await measureThroughput({ config, folder, rows, rounds, ending, print });
      }
      if (wants('memory')) {
        await measureMemory({
          folder,
          ending,
          short: 10_000,
          long: countOf('most', options.most, 1_000_000),
          print,
        });
      }
      if (wants('kills')) {
        const rows = countOf('rows', options.rows, 1_500);
        await measureKills({
          folder,
          ending,
          rows,
          kills: countOf('kills', options.kills, 20),
          config,
          print,
        });
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
});
