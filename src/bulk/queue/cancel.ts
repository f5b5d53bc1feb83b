/** Takes a run out of the queue. */

import type { Redis } from 'ioredis';
import type { QueueConfig } from './connection.ts';
import { openQueue } from './jobs.ts';
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
  const { answered, description } = await runs.get(name);
  await runs.cancel(name);
  const queue = openQueue(redis, runs.queueOf(description.model));
  for (let start = 0; ; ) {
    const jobs = await queue.getJobs(
      ['waiting', 'delayed', 'failed', 'prioritized'],
      start,
      start + PAGE - 1,
    );
    if (jobs.length === 0) break;
    const own = jobs.filter((job) => job?.data.run === name);
    // A worker may take a job at this very moment: it finds the run cancelled.
    await Promise.all(own.map((job) => job.remove().catch(() => {})));
    start += jobs.length - own.length;
    if (own.length === 0 && jobs.length < PAGE) break;
  }
  await runs.forget(name);
  if (description.shared !== undefined) await sharedFiles(description.shared, name).remove();
  return answered;
}
