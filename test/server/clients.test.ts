/** Clients that misbehave: none may hold the server up, and the next request is answered. */

import { afterEach, describe, expect, it } from 'vitest';
import { expectProblem, type Harness, readAll, sleep, start, TEXT, until } from './harness.ts';

let server: Harness;
afterEach(async () => {
  expect((await server.classify({ text: TEXT })).status).toBe(200);
  expect(server.faults()).toEqual([]);
  await server.stop();
});

const head = (path: string, length: number, type = 'application/json') =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`;

describe('a client that sends', () => {
  it('its body a byte at a time is answered if it is in time, and told 408 if not', async () => {
    server = await start({ receiveTimeout: '800' });
    const body = Buffer.from(JSON.stringify({ text: 'نص قصير' }));
    const [quick, slow] = [await server.connect(), await server.connect()];
    const answers = [readAll(quick), readAll(slow)];
    quick.write(head('/classify', body.length).replace('Host: x', 'Host: x\r\nConnection: close'));
    slow.write(head('/classify', body.length));
    for (const byte of body) {
      quick.write(Buffer.of(byte));
      await sleep(5);
    }
    for (const byte of body) {
      if (slow.destroyed) break;
      slow.write(Buffer.of(byte));
      await sleep(100);
    }

    const [first, second] = await Promise.all(answers);

    expect(first).toMatch(/^HTTP\/1.1 200 /);
    expect(second).toMatch(/^HTTP\/1.1 408 /);
    expect(second).toContain('"code":"request-timeout"');
  });

  it('its headers slowly is told 408', async () => {
    server = await start({ receiveTimeout: '500' });
    const socket = await server.connect();
    const answer = readAll(socket);
    socket.write('POST /classify HTTP/1.1\r\nHost: x\r\nX-A: ');

    expect(await answer).toMatch(/^HTTP\/1.1 408 [\s\S]*"code":"request-timeout"/);
  });

  it('nothing at all is cut off', async () => {
    server = await start({ receiveTimeout: '500' });
    const socket = await server.connect();

    expect(await Promise.race([readAll(socket), sleep(4_000).then(() => 'still open')])).not.toBe(
      'still open',
    );
  });

  it('headers without end is told 431, and no HTTP 400', async () => {
    server = await start({ headerLimit: '2048' });
    const [long, wild] = [await server.connect(), await server.connect()];
    const answers = [readAll(long), readAll(wild)];
    long.write(`GET /health HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(5_000)}\r\n\r\n`);
    wild.write('\x16\x03\x01 hello\r\n\r\n');

    const [first, second] = await Promise.all(answers);

    expect(first).toMatch(/^HTTP\/1.1 431 [\s\S]*"code":"headers-too-large"/);
    expect(second).toMatch(/^HTTP\/1.1 400 [\s\S]*"code":"request-invalid"/);
  });
});

describe('a client that never reads', () => {
  it.each(['/classify', '/classify/batch'])('is cut off at %s', async (path) => {
    server = await start({ receiveTimeout: '500', maxTexts: '10000', queueTexts: '20000' });
    const socket = await server.connect();
    socket.on('error', () => {});
    socket.pause();
    const texts = Array<string>(10_000).fill('نص');
    const isBatch = path.endsWith('batch');
    const body = isBatch
      ? texts.map((text) => JSON.stringify({ text })).join('\n')
      : JSON.stringify({ texts });
    const type = isBatch ? 'application/x-ndjson' : 'application/json';
    // Several, one after the other: the kernel takes some megabytes on the client's behalf.
    socket.write(`${head(path, Buffer.byteLength(body), type)}${body}`.repeat(3));

    await until(() => server.lines.some(({ fields }) => fields.route === path && fields.status === 499));
    await until(
      () => socket.destroyed || socket.readableEnded || server.current().encoder.waiting().texts === 0,
    );
    socket.destroy();
  });
});

describe('a client that goes away', () => {
  it('takes its waiting texts along', async () => {
    server = await start({ batchTokens: '1' });
    const away = new AbortController();
    const texts = Array.from({ length: 60 }, (_, i) => `${TEXT} ${i}`.repeat(5));
    const gone = fetch(`${server.url}/classify`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ texts }),
      signal: away.signal,
    }).catch((error: Error) => error.name);
    await until(() => server.current().encoder.waiting().texts > 0);
    away.abort();

    expect(await gone).toBe('AbortError');
    await until(() => server.current().encoder.waiting().texts === 0);
  });
});

describe('too many clients', () => {
  it('are told 429 at once with Retry-After, and the others are answered', async () => {
    server = await start({ queueTexts: '4', batchTokens: '1' });
    const requests = Array.from({ length: 40 }, (_, i) =>
      server.classify({ text: `${TEXT} ${i}`.repeat(8) }),
    );

    const responses = await Promise.all(requests);

    const refused = responses.filter(({ status }) => status === 429);
    expect(responses.every(({ status }) => status === 200 || status === 429)).toBe(true);
    expect(refused.length).toBeGreaterThan(0);
    expect(responses.length).toBeGreaterThan(refused.length);
    for (const response of refused) {
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      await expectProblem(response, 429, 'overloaded');
    }
  });

  it('that would wait past the deadline are told so', async () => {
    server = await start({ deadline: '30', batchTokens: '1' });
    const long = server.classify({ text: `${TEXT} `.repeat(400) });
    await sleep(15);

    const response = await server.classify({ text: 'نص آخر' });

    expect([429, 503]).toContain(response.status);
    expect((await long).status).toBe(200);
  });
});
