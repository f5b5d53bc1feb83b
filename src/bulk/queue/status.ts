/** How far the runs of the queue are. */

import type { Redis } from 'ioredis';
import type { QueueConfig } from './connection.ts';
import { openQueue } from './jobs.ts';
import { openRuns } from './runs.ts';

export interface RunStatus {
  name: string;
  state: 'submitting' | 'waiting' | 'running' | 'answered' | 'cancelled';
  model: string;
  rows: number;
  answered: number;
  /** Blocks in the model's queue, those of other runs with the same model included. */
  blocks: { waiting: number; active: number; delayed: number; failed: number };
  /** Workers that hold the run's model. */
  workers: number;
  /** Since the run was first submitted, ms. */
  age: number;
}

/** @param name One run; undefined: all. @throws RasidError `run-unknown`. */
export async function statusOf(redis: Redis, config: QueueConfig, name?: string): Promise<RunStatus[]> {
  const runs = openRuns(redis, config.queueName);
  const chosen = name === undefined ? await runs.list() : [await runs.get(name)];
  return Promise.all(
    chosen.map(async ({ name: run, description, state, rows, answered, begun }) => {
      const queue = openQueue(redis, runs.queueOf(description.model));
      const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'failed');
      const { waiting = 0, active = 0, delayed = 0, failed = 0 } = counts;
      const isAnswered = answered === rows;
      const submitted = isAnswered ? 'answered' : active > 0 ? 'running' : 'waiting';
      return {
        name: run,
        state: state === 'submitted' ? submitted : state,
        model: description.model,
        rows,
        answered,
        blocks: { waiting, active, delayed, failed },
        workers: await queue.getWorkersCount(),
        age: Date.now() - begun,
      };
    }),
  );
}

const COLUMNS = [
  'run',
  'state',
  'answered',
  'rows',
  '%',
  'blocks waiting',
  'active',
  'delayed',
  'failed',
  'workers',
  'model',
];

/** A table; numbers to the right. */
export function formatStatus(statuses: readonly RunStatus[]): string {
  if (statuses.length === 0) return 'the queue holds no run';
  const rows = statuses.map(({ name, state, model, rows: all, answered, blocks, workers }) => [
    name,
    state,
    String(answered),
    String(all),
    all === 0 ? '–' : String(Math.floor((100 * answered) / all)),
    ...[blocks.waiting, blocks.active, blocks.delayed, blocks.failed].map(String),
    String(workers),
    model.slice(0, 12),
  ]);
  const widths = COLUMNS.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  const isText = (i: number) => i < 2 || i === COLUMNS.length - 1;
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (isText(i) ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [line(COLUMNS), ...rows.map(line)].join('\n');
}
