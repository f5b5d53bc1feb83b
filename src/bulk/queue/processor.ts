/** What a worker does with a job: checks it, answers its rows and keeps the answers. */

import { setTimeout as delay } from 'node:timers/promises';
import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import { RasidError } from '../../errors.ts';
import type { AnswerBlock, Row } from '../block.ts';
import type { TextColumns } from '../text.ts';
import { keepAnswers, readRows } from './answers.ts';
import { createExclusion } from './exclusion.ts';
import { type BlockJob, JOB_VERSION } from './jobs.ts';
import { packPiece } from './payload.ts';
import { pieceName } from './piece.ts';
import type { Runs } from './runs.ts';

/** What a worker can answer. */
export interface Ability {
  /** The bundle's id for labels, the key of the encoder's identity for vectors. */
  model: string;
  answer: (columns: TextColumns) => AnswerBlock;
}

export interface ProcessorOptions {
  runs: Runs;
  /** Before a refused job is offered again, and before Redis or the shared folder is asked again, ms. */
  pause: number;
  /** Aborted when the worker closes: nothing is waited for any more. */
  signal: AbortSignal;
  onBlock: (job: BlockJob, ms: number) => void;
  onNote: (line: string) => void;
}

/** Workers that may die of a piece before it is halved or, a single row, rejected. */
const MOST_DEATHS = 2;

/** One for all blocks of the same columns: it encodes one block right behind the other. */
function keepAnswerers({ answer }: Ability): (columns: TextColumns) => AnswerBlock {
  const known = new Map<string, AnswerBlock>();
  return (columns) => {
    const key = JSON.stringify([columns.text, columns.title]);
    const own = known.get(key) ?? answer(columns);
    known.set(key, own);
    return own;
  };
}

export function createProcessor({ runs, pause, signal, onBlock, onNote }: ProcessorOptions) {
  const exclusion = createExclusion();
  const rest = () => delay(pause, undefined, { signal });

  /** Back into the queue for others, without counting as an attempt; then this worker rests, lest it refuse them all. */
  async function refuse(job: Job<BlockJob>, token: string | undefined, reason: string): Promise<never> {
    onNote(`${job.data.run.name}: ${reason}; this worker leaves it to others`);
    await job.moveToDelayed(Date.now() + pause, token);
    await rest().catch(() => {});
    throw new DelayedError();
  }

  /** A Redis or a folder that is full is no fault of the rows: what was asked of it is asked again until it fits. */
  async function insist<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        onNote(`${name}: ${(error as Error).message}; tried again in ${pause / 1_000} s`);
        await rest();
      }
    }
  }

  /** Counts the workers that die while they answer. What was begun before is answered alone, lest it take others along. */
  async function attempt({ run, isSuspect = false, ...range }: BlockJob, answer: () => Promise<void>) {
    const piece = pieceName(range);
    const mode = isSuspect || (await runs.isStarted(run, piece)) ? 'alone' : 'together';
    await exclusion[mode](async () => {
      const starts = await insist(run.name, () => runs.started(run, piece));
      try {
        if (starts > MOST_DEATHS) throw new UnrecoverableError(`${MOST_DEATHS} workers died of it`);
        await answer();
      } finally {
        await runs.ended(run, piece);
      }
    });
  }

  return (ability: Ability) => {
    const { model } = ability;
    const answerer = keepAnswerers(ability);
    return async (job: Job<BlockJob>, token?: string): Promise<void> => {
      const { data } = job;
      const { run, block, version, columns, digest } = data;
      if (version !== JOB_VERSION)
        return refuse(job, token, `its jobs are of version ${version}, not ${JOB_VERSION}`);
      if (!(await runs.isOpen(run))) return;
      if (data.model !== model)
        return refuse(job, token, `asks for model ${data.model}, and this worker holds ${model}`);
      let rows: Row[];
      try {
        rows = await readRows(data);
      } catch (error) {
        if (!(error instanceof RasidError) || error.code !== 'file-unreadable') throw error;
        return refuse(job, token, error.message);
      }
      await attempt(data, async () => {
        const begun = performance.now();
        const { outcomes } = await answerer(columns)({ index: block, rows });
        const packed = await packPiece({ model, digest, outcomes });
        await insist(run.name, () => keepAnswers(runs, data, packed));
        onBlock(data, performance.now() - begun);
      });
    };
  };
}
