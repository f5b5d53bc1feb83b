/**
 * What Redis holds beside BullMQ's own keys:
 *
 *     <queue>:runs                set: names of all runs
 *     <queue>:run:<name>          hash: what the run is (facts), how far it is submitted, rows answered
 *     <queue>:answers:<name>      hash: `block:from` → packed piece, or `file` where it lies in the shared folder
 *
 * Jobs of one model lie in one BullMQ queue, so that a worker only meets work for the model it holds.
 */

import type { Redis } from 'ioredis';
import type { Taxonomy } from '../../dataset/taxonomy.ts';
import { RasidError } from '../../errors.ts';
import type { LabelColumnOptions } from '../output/columns.ts';
import type { Input } from '../read.ts';
import type { RunFacts } from '../run-files.ts';
import type { TextColumns } from '../text.ts';

/** What a run is: equal at every start of its submission, and all that collecting needs beside the input. */
export interface RunDescription {
  /** Absolute paths: collecting reads them again. */
  inputs: Input[];
  columns: TextColumns;
  blockRows: number;
  model: string;
  /** Undefined: vectors instead of labels. */
  labels?: LabelColumnOptions;
  taxonomy?: Taxonomy;
  facts: RunFacts;
  metadata: Record<string, string>;
  /** Folder that all machines share; blocks and answers lie there instead of in Redis. */
  shared?: string;
}

export interface RunState {
  name: string;
  description: RunDescription;
  state: 'submitting' | 'submitted' | 'cancelled';
  /** Blocks and rows that stand in the queue or are answered. */
  blocks: number;
  rows: number;
  /** Rows that have an answer. */
  answered: number;
  /** When it was first submitted, ms since 1970. */
  begun: number;
}

export const RUN_NAME = /^[\w.-]{1,100}$/;

/** Keeps the first answer of a piece, whoever delivers it again, and counts its rows once. */
const KEEP_ANSWER = `
if redis.call('EXISTS', KEYS[2]) == 0 then return -1 end
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('HINCRBY', KEYS[2], 'answered', ARGV[3])
return 1`;

export interface Runs {
  /** BullMQ's name of the queue for a model. */
  queueOf(model: string): string;
  /** Registers a run, or finds the one that was begun under the name. @throws RasidError `run-occupied`. */
  begin(name: string, description: RunDescription): Promise<RunState>;
  /** @throws RasidError `run-unknown`. */
  get(name: string): Promise<RunState>;
  list(): Promise<RunState[]>;
  /** Notes that blocks up to `blocks` are in the queue. */
  submitted(name: string, blocks: number, rows: number, isLast: boolean): Promise<void>;
  isOpen(name: string): Promise<boolean>;
  keepAnswer(name: string, piece: string, rows: number, bytes: Buffer): Promise<void>;
  answer(name: string, piece: string): Promise<Buffer | undefined>;
  /** Marks the run, so that workers drop what is left of it. */
  cancel(name: string): Promise<void>;
  forget(name: string): Promise<void>;
}

export function openRuns(redis: Redis, queueName: string): Runs {
  const runsKey = `${queueName}:runs`;
  const runKey = (name: string) => `${queueName}:run:${name}`;
  const answersKey = (name: string) => `${queueName}:answers:${name}`;

  async function find(name: string): Promise<RunState | undefined> {
    const fields = await redis.hgetall(runKey(name));
    if (fields.description === undefined) return undefined;
    return {
      name,
      description: JSON.parse(fields.description) as RunDescription,
      state: fields.state as RunState['state'],
      blocks: Number(fields.blocks),
      rows: Number(fields.rows),
      answered: Number(fields.answered ?? 0),
      begun: Number(fields.begun),
    };
  }

  async function get(name: string): Promise<RunState> {
    const run = await find(name);
    if (run !== undefined) return run;
    const known = await redis.smembers(runsKey);
    throw new RasidError('run-unknown', `${name}: the queue holds no such run`, {
      hint: known.length === 0 ? 'It holds none at all.' : `It holds ${known.sort().join(', ')}.`,
    });
  }

  return {
    queueOf: (model) => `${queueName}-${model.slice(0, 12)}`,
    async begin(name, description) {
      const plain = JSON.stringify(description);
      await redis
        .multi()
        .hsetnx(runKey(name), 'description', plain)
        .hsetnx(runKey(name), 'state', 'submitting')
        .hsetnx(runKey(name), 'blocks', 0)
        .hsetnx(runKey(name), 'rows', 0)
        .hsetnx(runKey(name), 'begun', Date.now())
        .sadd(runsKey, name)
        .exec();
      const run = await get(name);
      const held = run.description as unknown as Record<string, unknown>;
      const wanted = JSON.parse(plain) as Record<string, unknown>;
      const keys = [...new Set([...Object.keys(held), ...Object.keys(wanted)])];
      const differing = keys.filter((key) => JSON.stringify(held[key]) !== JSON.stringify(wanted[key]));
      if (differing.length === 0 && run.state !== 'cancelled') return run;
      const what = run.state === 'cancelled' ? 'is being cancelled' : `differs in ${differing.join(', ')}`;
      throw new RasidError('run-occupied', `${name}: the run of this name in the queue ${what}`, {
        hint: `Name another run, or end that one with \`npm run bulk -- cancel ${name}\`.`,
      });
    },
    get,
    async list() {
      const names = (await redis.smembers(runsKey)).sort();
      const runs = await Promise.all(names.map(find));
      return runs.filter((run) => run !== undefined);
    },
    async submitted(name, blocks, rows, isLast) {
      await redis.hset(runKey(name), { blocks, rows, ...(isLast ? { state: 'submitted' } : {}) });
    },
    async isOpen(name) {
      const state = await redis.hget(runKey(name), 'state');
      return state !== null && state !== 'cancelled';
    },
    async keepAnswer(name, piece, rows, bytes) {
      await redis.eval(KEEP_ANSWER, 2, answersKey(name), runKey(name), piece, bytes, rows);
    },
    answer: async (name, piece) => (await redis.hgetBuffer(answersKey(name), piece)) ?? undefined,
    async cancel(name) {
      await get(name);
      await redis.hset(runKey(name), 'state', 'cancelled');
    },
    async forget(name) {
      await redis.multi().unlink(runKey(name), answersKey(name)).srem(runsKey, name).exec();
    },
  };
}
