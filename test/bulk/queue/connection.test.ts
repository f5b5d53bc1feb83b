import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { cancelRun } from '../../../src/bulk/queue/cancel.ts';
import { collectRun } from '../../../src/bulk/queue/collect.ts';
import { connectQueue, disconnect, withRedis } from '../../../src/bulk/queue/connection.ts';
import { statusOf } from '../../../src/bulk/queue/status.ts';
import { submitRun } from '../../../src/bulk/queue/submit.ts';
import { startWorker } from '../../../src/bulk/queue/worker.ts';
import { freePort, skipsRedis, startRedis, type TestRedis } from './redis.ts';
import { answerByLength, expectedRows, MODEL, makeWorld, queueConfig, readOutput } from './world.ts';

/** A server that answers every command of a new connection with the same text; none: it never answers. */
async function pretend(reply: string | undefined) {
  const server = createServer((socket) => {
    socket.on('data', (data) => {
      const commands = data.toString().match(/^\*\d+\r$/gm) ?? [];
      if (reply !== undefined) for (const _ of commands) socket.write(`$${reply.length}\r\n${reply}\r\n`);
    });
    socket.on('error', () => {});
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `redis://127.0.0.1:${port}`, close: () => server.close() };
}

const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

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

  it('says that Redis is too old', async () => {
    const server = await pretend('redis_version:6.0.16\r\nmaxmemory_policy:noeviction\r\n');

    await expect(connectQueue(queueConfig(server.url), () => {})).rejects.toMatchObject({
      code: 'queue-unreachable',
      message: `Redis at ${server.url} is version 6.0.16; 6.2 or newer is needed`,
    });
    server.close();
  });

  it('gives up on a server that takes the connection and says nothing', async () => {
    const server = await pretend(undefined);

    await expect(connectQueue(queueConfig(server.url), () => {})).rejects.toMatchObject({
      message: `Redis at ${server.url} does not answer (no answer within 5000 ms)`,
    });
    server.close();
  });

  it('refuses the certificate of an authority for a connection without TLS', async () => {
    const config = queueConfig('redis://127.0.0.1:1', { redisCaFile: 'ca.pem' });

    await expect(connectQueue(config, () => {})).rejects.toMatchObject({ code: 'config-invalid' });
  });

  it.skipIf(skipsRedis || !hasOpenssl)('speaks TLS with a server whose authority it is given', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rasid-tls-'));
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const algorithm = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const files = ['-keyout', key, '-out', certificate];
    execFileSync('openssl', ['req', '-x509', '-days', '2', ...algorithm, ...subject, ...files], {
      stdio: 'ignore',
    });
    const port = await freePort();
    const server = await startRedis([
      ...[
        '--tls-port',
        String(port),
        '--tls-cert-file',
        certificate,
        '--tls-key-file',
        key,
        '--tls-ca-cert-file',
        certificate,
      ],
      ...['--tls-auth-clients', 'no'],
    ]);
    servers.push(server);
    const url = `rediss://127.0.0.1:${port}`;

    await expect(connectQueue(queueConfig(url), () => {})).rejects.toMatchObject({
      code: 'queue-unreachable',
      message: expect.stringContaining('has a certificate that is not trusted'),
    });
    const redis = await connectQueue(queueConfig(url, { redisCaFile: certificate }), () => {});
    expect(await redis.ping()).toBe('PONG');
    disconnect(redis);
  });

  it.skipIf(skipsRedis)('says that the memory of Redis is full, and goes on when there is room', async () => {
    const server = await startRedis(['--maxmemory', '1mb']);
    servers.push(server);
    const config = queueConfig(server.url);
    const { description } = await makeWorld(100);
    const submit = () =>
      withRedis(
        config,
        () => {},
        (redis) => submitRun(redis, config, { name: 'news', description }),
      );

    await expect(submit()).rejects.toMatchObject({
      code: 'queue-full',
      message: `Redis at ${server.url} has no memory left`,
    });
    await withRedis(
      config,
      () => {},
      (redis) => redis.config('SET', 'maxmemory', '0'),
    );
    expect(await submit()).toEqual({ blocks: 25, rows: 100 });
  });

  it.skipIf(skipsRedis)('needs no more rights than docs/scaling.md gives the user of Redis', async () => {
    const server = await startRedis();
    servers.push(server);
    const docs = await readFile('docs/scaling.md', 'utf8');
    const rule = /^ACL (SETUSER rasid on >\S+ .*)$/m.exec(docs)![1]!;
    const admin = await connectQueue(queueConfig(server.url), () => {});
    await admin.acl(...(rule.split(' ') as ['SETUSER', string, ...string[]]));
    disconnect(admin);
    const password = /on >(\S+)/.exec(rule)![1]!;
    const config = queueConfig(server.url, { redisUsername: 'rasid', redisPassword: password });
    const { description, output } = await makeWorld(20);
    const notes: string[] = [];

    await withRedis(
      config,
      (line) => notes.push(line),
      async (redis) => {
        await submitRun(redis, config, { name: 'news', description });
        const abilities = [{ model: MODEL, answer: () => answerByLength() }];
        const worker = startWorker(redis, config, { abilities, concurrency: 2, times: { sweep: 100 } });
        await collectRun(redis, config, { name: 'news', output, wait: true });
        expect(await statusOf(redis, config, 'news')).toMatchObject([{ state: 'collected', workers: 1 }]);
        await worker.close();
        await submitRun(redis, config, { name: 'other', description });
        await cancelRun(redis, config, 'other');
      },
    );

    expect(await readOutput(output)).toMatchObject(expectedRows(20));
    expect(notes).toEqual([]);
  });
});
