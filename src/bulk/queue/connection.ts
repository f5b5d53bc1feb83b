/** The connection to Redis: settings, and what is checked before anything is entrusted to it. */

import { readFile } from 'node:fs/promises';
import { Redis } from 'ioredis';
import type { Config } from '../../config.ts';
import { describeReadError, RasidError } from '../../errors.ts';

export type QueueConfig = Pick<
  Config,
  'redisUrl' | 'redisUsername' | 'redisPassword' | 'redisCaFile' | 'queueName' | 'jobAttempts'
>;

/** Time for the first answer of Redis, ms. Later, when Redis is away, the connection is tried again without end. */
const FIRST_ANSWER = 5_000;
/** Time without an answer after which a connection counts as dead, ms; longer than any command of BullMQ blocks. */
const SILENCE = 30_000;
/** Longest pause between two attempts to connect again, ms. */
const LONGEST_PAUSE = 2_000;
/** Oldest Redis that the queue's scripts run on. */
const OLDEST = [6, 2] as const;

async function redisOptions({ redisUrl, redisUsername, redisPassword, redisCaFile }: QueueConfig) {
  if (redisCaFile !== '' && !redisUrl.startsWith('rediss:'))
    throw new RasidError('config-invalid', `redisCaFile is set, but redisUrl does not begin with rediss://`);
  const readCa = () =>
    readFile(redisCaFile).catch((error: unknown) => {
      throw describeReadError(error, redisCaFile);
    });
  return {
    lazyConnect: true,
    connectTimeout: FIRST_ANSWER,
    socketTimeout: SILENCE,
    // What was sent when the connection broke is sent again: BullMQ asks for this.
    maxRetriesPerRequest: null,
    ...(redisUsername === '' ? {} : { username: redisUsername }),
    ...(redisPassword === '' ? {} : { password: redisPassword }),
    ...(redisCaFile === '' ? {} : { tls: { ca: await readCa() } }),
  };
}

/** The address without credentials. */
function shownAddress(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

/** What Redis, or the way to it, objects to. @param error Of a connection or a command. */
function describeFailure(error: unknown, url: string): RasidError {
  const message = error instanceof Error ? error.message : String(error);
  const place = `Redis at ${shownAddress(url)}`;
  const describe = (what: string, hint: string) =>
    new RasidError('queue-unreachable', `${place} ${what}`, { hint, cause: error });
  if (/^(NOAUTH|WRONGPASS|ERR (invalid password|AUTH))/.test(message))
    return describe('refuses the credentials', 'Set RASID_REDIS_USERNAME and RASID_REDIS_PASSWORD.');
  if (message.startsWith('NOPERM'))
    return describe(
      `does not let this user do that (${message})`,
      'docs/scaling.md names the rights needed.',
    );
  if (message.startsWith('OOM'))
    return new RasidError('queue-full', `${place} has no memory left`, {
      hint: 'Let the workers work it off and run the same command again, or submit with --shared.',
      cause: error,
    });
  if (/certificate|self-signed/i.test(message))
    return describe(
      `has a certificate that is not trusted (${message})`,
      'Name its authority with --redis-ca-file.',
    );
  if (/^[A-Z]+ /.test(message)) return describe(`refuses a command (${message})`, 'See the log of Redis.');
  return describe(`does not answer (${message})`, 'Start it, or name another with --redis-url.');
}

/** Facts of `INFO`: one `name:value` a line. */
const infoField = (info: string, name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];

async function checkServer(redis: Redis, url: string, warn: (line: string) => void): Promise<void> {
  const info = await redis.info();
  const version = infoField(info, 'redis_version') ?? '0';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new RasidError(
      'queue-unreachable',
      `Redis at ${shownAddress(url)} is version ${version}; ${OLDEST.join('.')} or newer is needed`,
    );
  }
  const policy = infoField(info, 'maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction')
    warn(`note: Redis drops keys when its memory is full (maxmemory-policy ${policy}); set it to noeviction`);
  if (infoField(info, 'aof_enabled') === '0')
    warn('note: Redis keeps no log (appendonly no); a restart of it may lose runs and answers');
}

/** Settles as `work` does, or fails after the time for the first answer. */
async function withinFirstAnswer<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${FIRST_ANSWER} ms`)), FIRST_ANSWER);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/**
 * Connects. Afterwards a Redis that goes away is waited for: nothing fails, nothing is lost.
 * @param warn Told of settings of Redis that may lose data, and when Redis is away and back.
 * @throws RasidError `queue-unreachable` where Redis is absent, refuses the credentials or is too old;
 *   `config-invalid`, `file-unreadable` of the authority's certificate.
 */
export async function connectQueue(config: QueueConfig, warn: (line: string) => void): Promise<Redis> {
  const { redisUrl } = config;
  let isFirst = true;
  const redis = new Redis(redisUrl, {
    ...(await redisOptions(config)),
    retryStrategy: (attempt: number) => (isFirst ? null : Math.min(100 * attempt, LONGEST_PAUSE)),
  });
  let fault: unknown;
  let isAway = false;
  redis.on('error', (error: unknown) => {
    fault = error;
  });
  try {
    await withinFirstAnswer(redis.connect().then(() => checkServer(redis, redisUrl, warn)));
  } catch (error) {
    redis.disconnect();
    if (error instanceof RasidError) throw error;
    throw describeFailure(fault ?? error, redisUrl);
  }
  isFirst = false;
  redis.on('close', () => {
    if (!isAway) warn(`note: Redis at ${shownAddress(redisUrl)} is away; waiting for it`);
    isAway = true;
  });
  redis.on('ready', () => {
    if (isAway) warn('note: Redis is back');
    isAway = false;
  });
  return redis;
}

/** Ends a connection without a note of its going away. */
export function disconnect(redis: Redis): void {
  redis.removeAllListeners('close');
  redis.disconnect();
}

/**
 * Connects, works and disconnects.
 * @throws RasidError of `connectQueue`; `queue-full` or `queue-unreachable` where Redis refuses a command of `work`.
 */
export async function withRedis<Result>(
  config: QueueConfig,
  warn: (line: string) => void,
  work: (redis: Redis) => Promise<Result>,
): Promise<Result> {
  const redis = await connectQueue(config, warn);
  try {
    return await work(redis);
  } catch (error) {
    throw error instanceof Error && error.name === 'ReplyError'
      ? describeFailure(error, config.redisUrl)
      : error;
  } finally {
    disconnect(redis);
  }
}
