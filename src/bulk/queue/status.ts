/** How far the runs of the queue are. */

import type { Redis } from 'ioredis';
import type { QueueConfig } from './connection.ts';
import { withQueue } from './jobs.ts';
import { openRuns } from './runs.ts';

export interface RunStatus {
  name: string;
  state: 'submitting' | 'waiting' | 'running' | 'answered' | 'collected' | 'cancelled';
  model: string;
  rows: number;
  answered: number;
  /** Blocks in the model's queue, those of other runs with the same model included. */
  blocks: { waiting: number; active: number; delayed: number; failed: number };
  /** Workers that hold the run's model. */
  workers: number;
  /** Since the run was first submitted, ms. */
  age: number;
  /** Where it was collected into. */
  output?: string;
}

/** @param name One run; undefined: all. @throws RasidError `run-unknown`. */
export async function statusOf(redis: Redis, config: QueueConfig, name?: string): Promise<RunStatus[]> {
  const runs = openRuns(redis, config.queueName);
  const chosen = name === undefined ? await runs.list() : [await runs.get(name)];
  return Promise.all(
    chosen.map(({ name: run, description: { model }, state, rows, answered, begun, output }) =>
      withQueue(redis, config, model, async (queue): Promise<RunStatus> => {
        const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'failed');
        const { waiting = 0, active = 0, delayed = 0, failed = 0 } = counts;
        const submitted = answered >= rows ? 'answered' : active > 0 ? 'running' : 'waiting';
        return {
          name: run,
          state: state === 'submitted' ? submitted : state,
          model,
          rows,
          answered,
          blocks: { waiting, active, delayed, failed },
          workers: await queue.getWorkersCount(),
          age: Date.now() - begun,
          ...(output === undefined ? {} : { output }),
        };
      }),
    ),
  );
}

/** Rows a second of each run between two looks. */
export function ratesOf(
  earlier: readonly RunStatus[],
  later: readonly RunStatus[],
): ReadonlyMap<string, number> {
  const rates = later.flatMap(({ name, answered, age }) => {
    const before = earlier.find((one) => one.name === name);
    // A younger run of the same name is another one.
    if (before === undefined || age <= before.age) return [];
    return [[name, (answered - before.answered) / ((age - before.age) / 1_000)] as const];
  });
  return new Map(rates);
}

/** `1:02:03` */
function clock(seconds: number): string {
  const [h, m, s] = [seconds / 3_600, (seconds / 60) % 60, seconds % 60].map(Math.floor);
  return `${h}:${String(m).padStart(2, '0')}:${String(s).padStart(2, '0')}`;
}

const COLUMNS = [
  ...['run', 'state', 'answered', 'rows', '%', 'rows/s', 'left'],
  ...['blocks waiting', 'active', 'delayed', 'failed', 'workers', 'model'],
];

/** A table; numbers to the right. @param rates Rows a second by run, where they are known. */
export function formatStatus(
  statuses: readonly RunStatus[],
  rates: ReadonlyMap<string, number> = new Map(),
): string {
  if (statuses.length === 0) return 'the queue holds no run';
  const rows = statuses.map(({ name, state, model, rows: all, answered, blocks, workers }) => {
    const rate = rates.get(name);
    return [
      ...[name, state, String(answered), String(all)],
      all === 0 ? '–' : String(Math.floor((100 * answered) / all)),
      rate === undefined ? '–' : rate.toFixed(0),
      rate === undefined || rate <= 0 ? '–' : clock(Math.ceil((all - answered) / rate)),
      ...[blocks.waiting, blocks.active, blocks.delayed, blocks.failed, workers].map(String),
      model.slice(0, 12),
    ];
  });
  const widths = COLUMNS.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  const isText = (i: number) => i < 2 || i === COLUMNS.length - 1;
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (isText(i) ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [line(COLUMNS), ...rows.map(line)].join('\n');
}
