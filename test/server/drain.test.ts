import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { type Loose, start, TEXT, until } from './harness.ts';

describe('a server that shuts down', () => {
  it('ends a stream after the lines it has read, and says so in the last one', async () => {
    const server = await start();
    const stream = request(`${server.url}/classify/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
    });
    stream.on('error', () => {});
    let received = '';
    const ended = new Promise<void>((resolve) => {
      stream.once('response', (response) => {
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          received += chunk;
        });
        response.once('error', () => {});
        response.once('close', resolve);
      });
    });
    const writing = setInterval(() => stream.write(`${JSON.stringify({ text: TEXT })}\n`), 2);
    await until(() => received !== '');

    await server.stop();
    await ended;
    clearInterval(writing);

    const lines: Loose[] = received
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.at(-1).error.code).toBe('draining');
    expect(lines.slice(0, -1).every(({ heads }) => heads !== undefined)).toBe(true);
    expect(lines.slice(0, -1).map(({ line }) => line)).toEqual(lines.slice(0, -1).map((_, i) => i + 1));
  });

  it('answers what is under way and refuses what comes on an open connection', async () => {
    const server = await start({ batchTokens: '1' });
    const socket = await server.connect();
    let answers = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      answers += chunk;
    });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const send = (text: string) => {
      const body = JSON.stringify({ text });
      socket.write(
        `POST /classify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    };
    send(`${TEXT} `.repeat(60));
    await until(() => server.current().encoder.waiting().texts === 0 && socket.bytesWritten > 0);
    await new Promise((resolve) => setTimeout(resolve, 20));

    const stopped = server.stop();
    send('نص آخر');
    await Promise.all([stopped, closed]);

    expect(answers.match(/HTTP\/1.1 \d+/g)![0]).toBe('HTTP/1.1 200');
    for (const status of answers.match(/HTTP\/1.1 \d+/g)!.slice(1)) expect(status).toBe('HTTP/1.1 503');
  });
});
