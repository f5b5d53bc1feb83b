/** What failed for good is tried in halves, again and again, until the row at fault stands alone and is rejected. */

import type { Job } from 'bullmq';
import { keepAnswers, pieceIsDivided } from './answers.ts';
import type { QueueConfig } from './connection.ts';
import { addJobs, type BlockJob, type JobQueue } from './jobs.ts';
import { packPiece } from './payload.ts';
import { describePiece, halves } from './piece.ts';
import type { Runs } from './runs.ts';

/** Failed jobs looked at in one go. */
const AT_ONCE = 100;

async function divide(
  queue: JobQueue,
  runs: Runs,
  { data, failedReason }: Job<BlockJob>,
  config: QueueConfig,
) {
  const { run, from, to, model, digest } = data;
  const place = describePiece(run.name, data);
  if (to - from === 1) {
    const reason = `its worker failed again and again: ${failedReason}`;
    const outcomes = [{ code: 'worker-failed' as const, reason }];
    await keepAnswers(runs, data, await packPiece({ model, digest, outcomes }));
    return `${place}: rejected`;
  }
  // Where its answer came after all, nothing is left to try.
  if (!(await pieceIsDivided(runs, data))) return undefined;
  await addJobs(queue, halves({ ...data, isSuspect: true }), config);
  return `${place}: failed for good; its halves are tried apart`;
}

/** Divides the failed jobs of a queue. Interrupted at any point, or done by two workers at once, the result is the same. */
export async function divideFailed(
  queue: JobQueue,
  runs: Runs,
  config: QueueConfig,
  onNote: (line: string) => void,
): Promise<void> {
  for (const job of await queue.getFailed(0, AT_ONCE - 1)) {
    // Another worker removed it meanwhile.
    if (job === undefined) continue;
    if (await runs.isOpen(job.data.run)) {
      const note = await divide(queue, runs, job, config);
      if (note !== undefined) onNote(note);
    }
    await job.remove();
  }
}
