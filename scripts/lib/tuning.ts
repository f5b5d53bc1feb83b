/** `npm run train -- --tune 5m`: the search's time, its file, and what it says. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { TrainingInput } from '../../src/classifier/prepare.ts';
import { bestTrial, type Trial, trialLoss, tuneClassifier } from '../../src/classifier/tune.ts';
import { firstIssue } from '../../src/dataset/taxonomy.ts';
import { describeReadError, RasidError, systemErrorCode } from '../../src/errors.ts';
import { writeFileAtomically } from '../../src/storage.ts';
import { createProgress } from './progress.ts';

const FILE = 'tuning.json';
const UNITS = { s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** `90s`, `5m`, `1h` → ms. @throws RasidError `usage`. */
export function parseDuration(text: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)([smh])$/.exec(text) ?? [];
  if (count === undefined)
    throw new RasidError('usage', `--tune ${text}: write a time such as 90s, 5m or 1h`);
  return Number(count) * UNITS[unit as keyof typeof UNITS];
}

const number = z.number();
const fileSchema = z.strictObject({
  /** What the search was begun with: it goes on with nothing else. */
  begun: z.record(z.string(), z.string()),
  trials: z.array(
    z.strictObject({
      options: z.strictObject({
        depth: number,
        hidden: number,
        dropout: number,
        wideLossWeight: number,
        learningRate: number,
        weightDecay: number,
        wideLearningRate: number,
        wideDropout: number,
        batchSize: number,
        ngrams: z.boolean(),
      }),
      losses: z.array(number),
      givenUp: z.boolean(),
    }),
  ),
});

async function readTrials(path: string, begun: Record<string, string>): Promise<Trial[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw describeReadError(error, path);
  });
  if (text === undefined) return [];
  const remove = { hint: 'Delete the file to begin a new search.' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RasidError('resume-mismatch', `${path}: not valid JSON`, remove);
  }
  const parsed = fileSchema.safeParse(value);
  if (!parsed.success)
    throw new RasidError('resume-mismatch', `${path}: ${firstIssue(parsed.error)}`, remove);
  const differs = Object.keys(begun).filter((key) => parsed.data.begun[key] !== begun[key]);
  if (differs.length > 0) {
    throw new RasidError(
      'resume-mismatch',
      `${path}: this search was begun with other ${differs.join(', ')}`,
      remove,
    );
  }
  return parsed.data.trials;
}

/**
 * Searches for the given time, going on with the trials in `tuning.json` of the model folder, where every finished trial
 * is kept at once: after Ctrl-C the same command goes on.
 * @param begun What the search depends on, by name.
 * @returns The best trial.
 * @throws RasidError `resume-mismatch`.
 */
export async function tune(
  input: TrainingInput,
  milliseconds: number,
  modelFolder: string,
  begun: Record<string, string>,
  warn: (line: string) => void,
): Promise<Trial> {
  const path = join(modelFolder, FILE);
  const before = await readTrials(path, begun);
  if (before.length > 0) warn(`going on with ${before.length} trials of ${path}`);
  const started = performance.now();
  const bar = createProgress('tuning, seconds');
  const elapsed = () => Math.min(milliseconds, performance.now() - started);
  const show = () => bar.update(Math.round(elapsed() / 1_000), Math.round(milliseconds / 1_000));
  let finished: readonly Trial[] = before;
  const trials = await tuneClassifier(
    {
      ...input,
      onEpoch: async () => {
        show();
        await new Promise((resolve) => setImmediate(resolve));
      },
    },
    {
      trials: before,
      goOn: () => performance.now() - started < milliseconds,
      onTrial: async (all) => {
        await writeFileAtomically(path, `${JSON.stringify({ begun, trials: all }, null, 2)}\n`);
        finished = all;
      },
    },
  )
    .catch((error: unknown) => {
      if (input.signal?.aborted && finished.length > 0)
        warn(
          `${finished.length} trials are kept in ${path}: the same command goes on with them, --tune 1s takes the best`,
        );
      throw error;
    })
    .finally(() => bar.stop());
  const best = bestTrial(trials);
  const loss = (trial: Trial) => trialLoss(trial).toFixed(4);
  warn(`${trials.length} trials; held-out loss ${loss(best)}, with the defaults ${loss(trials[0]!)}`);
  return best;
}
