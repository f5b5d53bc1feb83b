/** Takes a run out of the queue. */

import type { Redis } from 'ioredis';
import type { QueueConfig } from './connection.ts';
import { withQueue } from './jobs.ts';
import { sharedFiles } from './payload.ts';
import { openRuns } from './runs.ts';

/** Jobs looked at in one go. */
const PAGE = 500;

/**
 * Removes the run's blocks and answers. A block that a worker is at is finished, and its answer dropped.
 * @returns Rows that were answered and are thrown away.
 * @throws RasidError `run-unknown`.
 */
export async function cancelRun(redis: Redis, config: QueueConfig, name: string): Promise<number> {
  const runs = openRuns(redis, config.queueName);
  const run = await runs.get(name);
  const { model, shared } = run.description;
  await runs.cancel(name);
  await withQueue(redis, config, model, async (queue) => {
    for (const state of ['waiting', 'delayed', 'failed'] as const) {
      for (let start = 0; ; ) {
        const jobs = await queue.getJobs([state], start, start + PAGE - 1);
        if (jobs.length === 0) break;
        // A job may vanish or be taken by a worker at this very moment; the worker finds the run cancelled.
        const own = jobs.filter((job) => job?.data.run.id === run.id);
        await Promise.all(own.map((job) => job.remove().catch(() => {})));
        start += jobs.length - own.length;
      }
    }
  });
  await runs.forget(run);
  if (shared !== undefined) await sharedFiles(shared, run).remove();
  return run.state === 'collected' ? 0 : run.answered;
}
