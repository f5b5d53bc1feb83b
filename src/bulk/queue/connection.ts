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
/** Longest pause between two attempts to connect again, ms. */
const LONGEST_PAUSE = 2_000;
/** Oldest Redis that the queue's scripts run on. */
const OLDEST = [6, 2] as const;

async function redisOptions(config: QueueConfig) {
  const { redisUsername, redisPassword, redisCaFile } = config;
  const readCa = () =>
    readFile(redisCaFile).catch((error: unknown) => {
      throw describeReadError(error, redisCaFile);
    });
  return {
    lazyConnect: true,
    connectTimeout: FIRST_ANSWER,
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

function describeFailure(error: unknown, url: string): RasidError {
  const message = error instanceof Error ? error.message : String(error);
  const isRefused = /^(NOAUTH|WRONGPASS|NOPERM|ERR (invalid password|AUTH))/.test(message);
  return isRefused
    ? new RasidError('queue-unreachable', `Redis at ${shownAddress(url)} refuses the credentials`, {
        hint: 'Set RASID_REDIS_USERNAME and RASID_REDIS_PASSWORD.',
        cause: error,
      })
    : new RasidError('queue-unreachable', `Redis at ${shownAddress(url)} does not answer (${message})`, {
        hint: 'Start it, or name another with --redis-url.',
        cause: error,
      });
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
}

/**
 * Connects. Afterwards a Redis that goes away is waited for: nothing fails, nothing is lost.
 * @param warn Told when Redis is away and when it is back.
 * @throws RasidError `queue-unreachable` where Redis is absent, refuses the credentials or is too old.
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
    await redis.connect();
    await checkServer(redis, redisUrl, warn);
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
