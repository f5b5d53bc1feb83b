/**
 * What Redis holds beside BullMQ's own keys:
 *
 *     <queue>:runs               set: names of all runs
 *     <queue>:run:<name>         hash: what the run is, how far it is submitted, rows answered
 *     <queue>:answers:<run id>   hash: piece → its packed answers, `file` where they lie in the shared folder, or
 *                                `divided` where its halves are answered instead
 *     <queue>:starts:<run id>    hash: piece → workers that began it, since one last came to an end with it
 *
 * Jobs of one model lie in one BullMQ queue, so that a worker only meets work for the model it holds.
 */

import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { RasidError } from '../../errors.ts';
import { checkSame, parseRun, type RunDescription, type RunRef, type RunState } from './run-state.ts';

/** Time that a collected run is remembered, s. */
const REMEMBERED = 7 * 24 * 3_600;

/** A run that was collected makes room; any other that stands there stays. */
const BEGIN = `
if redis.call('HGET', KEYS[1], 'state') == 'collected' then redis.call('DEL', KEYS[1]) end
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('HSET', KEYS[1], unpack(ARGV, 2)) end
redis.call('SADD', KEYS[2], ARGV[1])`;

/** True for the run that the id is of, while it takes answers. */
const IS_OPEN = `
local function isOpen(key, id)
  local run = redis.call('HMGET', key, 'id', 'state')
  return run[1] == id and run[2] ~= 'cancelled' and run[2] ~= 'collected'
end
`;

/** Keeps what comes first for a piece, whoever delivers it again, and counts its rows once. */
const KEEP = `${IS_OPEN}
if not isOpen(KEYS[2], ARGV[1]) then return -1 end
if redis.call('HSETNX', KEYS[1], ARGV[2], ARGV[3]) == 0 then return 0 end
redis.call('HINCRBY', KEYS[2], 'answered', ARGV[4])
return 1`;

/** Two submissions of one run at the same time: the one that is ahead counts. */
const SUBMITTED = `${IS_OPEN}
if not isOpen(KEYS[1], ARGV[1]) then return -1 end
if tonumber(ARGV[2]) > tonumber(redis.call('HGET', KEYS[1], 'blocks')) then
  redis.call('HSET', KEYS[1], 'blocks', ARGV[2], 'rows', ARGV[3])
end
if ARGV[4] == '1' then redis.call('HSET', KEYS[1], 'state', 'submitted') end
return 1`;

export interface Runs {
  /** Registers a run, or finds the one that was begun under the name. @throws RasidError `run-occupied`. */
  begin(name: string, description: RunDescription): Promise<RunState>;
  /** @throws RasidError `run-unknown`. */
  get(name: string): Promise<RunState>;
  list(): Promise<RunState[]>;
  /** Notes that blocks up to `blocks` are in the queue. @throws RasidError `run-cancelled`. */
  submitted(run: RunRef, blocks: number, rows: number, isLast: boolean): Promise<void>;
  /** Whether the run takes answers. */
  isOpen(run: RunRef): Promise<boolean>;
  /** @returns Whether it was kept: false where something stood there already, or the run is closed. */
  keep(run: RunRef, piece: string, rows: number, bytes: Buffer | string): Promise<boolean>;
  answer(run: RunRef, piece: string): Promise<Buffer | undefined>;
  /** Counts a worker that begins a piece. @returns Those that began it and were not heard of again, this one included. */
  started(run: RunRef, piece: string): Promise<number>;
  /** Whether a worker began the piece and was not heard of again. */
  isStarted(run: RunRef, piece: string): Promise<boolean>;
  /** A worker has come to an end with the piece, good or bad. */
  ended(run: RunRef, piece: string): Promise<void>;
  /** Marks the run, so that workers drop what is left of it. */
  cancel(name: string): Promise<void>;
  /** Drops the answers and remembers for a week where they are. */
  collected(run: RunRef, output: string): Promise<void>;
  forget(run: RunRef): Promise<void>;
}

export function openRuns(redis: Redis, queueName: string): Runs {
  const runsKey = `${queueName}:runs`;
  const runKey = (name: string) => `${queueName}:run:${name}`;
  const answersKey = (id: string) => `${queueName}:answers:${id}`;
  const startsKey = (id: string) => `${queueName}:starts:${id}`;
  const find = async (name: string) => parseRun(name, await redis.hgetall(runKey(name)));

  async function get(name: string): Promise<RunState> {
    const run = await find(name);
    if (run !== undefined) return run;
    const known = await redis.smembers(runsKey);
    throw new RasidError('run-unknown', `${name}: the queue holds no such run`, {
      hint: known.length === 0 ? 'It holds none at all.' : `It holds ${known.sort().join(', ')}.`,
    });
  }

  return {
    async begin(name, description) {
      const plain = JSON.stringify(description);
      const fields = {
        ...{ id: randomUUID(), description: plain, state: 'submitting' },
        ...{ blocks: 0, rows: 0, answered: 0, begun: Date.now() },
      };
      await redis.eval(BEGIN, 2, runKey(name), runsKey, name, ...Object.entries(fields).flat());
      const run = await get(name);
      checkSame(run, plain);
      return run;
    },
    get,
    async list() {
      const names = (await redis.smembers(runsKey)).sort();
      const runs = await Promise.all(names.map(find));
      const expired = names.filter((_, i) => runs[i] === undefined);
      if (expired.length > 0) await redis.srem(runsKey, ...expired);
      return runs.filter((run) => run !== undefined);
    },
    async submitted({ name, id }, blocks, rows, isLast) {
      const done = await redis.eval(SUBMITTED, 1, runKey(name), id, blocks, rows, isLast ? 1 : 0);
      if (done === -1)
        throw new RasidError('run-cancelled', `${name}: was taken out of the queue while it was submitted`);
    },
    async isOpen({ name, id }) {
      const [held, state] = await redis.hmget(runKey(name), 'id', 'state');
      return held === id && state !== 'cancelled' && state !== 'collected';
    },
    async keep({ name, id }, piece, rows, bytes) {
      return (await redis.eval(KEEP, 2, answersKey(id), runKey(name), id, piece, bytes, rows)) === 1;
    },
    answer: async ({ id }, piece) => (await redis.hgetBuffer(answersKey(id), piece)) ?? undefined,
    started: ({ id }, piece) => redis.hincrby(startsKey(id), piece, 1),
    isStarted: async ({ id }, piece) => (await redis.hexists(startsKey(id), piece)) === 1,
    async ended({ id }, piece) {
      await redis.hdel(startsKey(id), piece);
    },
    async cancel(name) {
      await get(name);
      await redis.hset(runKey(name), 'state', 'cancelled');
    },
    async collected({ name, id }, output) {
      const steps = redis
        .multi()
        .unlink(answersKey(id), startsKey(id))
        .hset(runKey(name), { state: 'collected', output });
      await steps.expire(runKey(name), REMEMBERED).exec();
    },
    async forget({ name, id }) {
      await redis.multi().unlink(runKey(name), answersKey(id), startsKey(id)).srem(runsKey, name).exec();
    },
  };
}
