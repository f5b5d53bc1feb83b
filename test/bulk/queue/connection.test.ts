import { afterEach, describe, expect, it } from 'vitest';
import { connectQueue, disconnect } from '../../../src/bulk/queue/connection.ts';
import { skipsRedis, startRedis, type TestRedis } from './redis.ts';
import { queueConfig } from './world.ts';

describe('connectQueue', () => {
  const servers: TestRedis[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
  });

  it('says in one sentence that nobody answers', async () => {
    await expect(connectQueue(queueConfig('redis://127.0.0.1:1'), () => {})).rejects.toMatchObject({
      code: 'queue-unreachable',
      message: expect.stringMatching(/^Redis at redis:\/\/127\.0\.0\.1:1 does not answer \(.*ECONNREFUSED/),
    });
  });

  it('names the file of the authority where it cannot be read', async () => {
    const config = queueConfig('rediss://127.0.0.1:1', { redisCaFile: '/nowhere/ca.pem' });

    await expect(connectQueue(config, () => {})).rejects.toMatchObject({
      code: 'file-unreadable',
      message: '/nowhere/ca.pem: does not exist',
    });
  });

  it.skipIf(skipsRedis)('says that the password is refused, and does not show it', async () => {
    const server = await startRedis(['--requirepass', 'right']);
    servers.push(server);
    const wrong = queueConfig(server.url, { redisPassword: 'wrong' });

    const failure = await connectQueue(wrong, () => {}).catch((error: Error) => error.message);

    expect(failure).toBe(`Redis at ${server.url} refuses the credentials`);
    await expect(connectQueue(queueConfig(server.url), () => {})).rejects.toMatchObject({
      message: failure,
    });
    const redis = await connectQueue(queueConfig(server.url, { redisPassword: 'right' }), () => {});
    expect(await redis.ping()).toBe('PONG');
    disconnect(redis);
  });

  it.skipIf(skipsRedis)('warns of a Redis that may drop keys', async () => {
    const server = await startRedis(['--maxmemory-policy', 'allkeys-lru']);
    servers.push(server);
    const notes: string[] = [];

    disconnect(await connectQueue(queueConfig(server.url), (line) => notes.push(line)));

    expect(notes).toEqual([expect.stringContaining('maxmemory-policy allkeys-lru')]);
  });
});
