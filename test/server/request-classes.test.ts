import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requestClasses } from '../../src/server/request-classes.ts';

const app = express();
app.get('/', (request, response) => {
  response.json({ path: request.path, sameApp: request.app === app && response.app === app });
});
const server = createServer(requestClasses(app), app);
const prototypes = (request: IncomingMessage, response: ServerResponse) =>
  [request, response].map((object) => Object.getPrototypeOf(object));

beforeAll(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));

describe('requests and responses', () => {
  it('have the prototypes of the application from the start, and keep them', async () => {
    const seen: unknown[][] = [];
    server.prependListener('request', (...exchange) => seen.push(prototypes(...exchange)));
    server.on('request', (...exchange) => seen.push(prototypes(...exchange)));

    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);

    expect(await answer.json()).toEqual({ path: '/', sameApp: true });
    const [before, after] = seen;
    expect(before![0]).toBe(app.request);
    expect(before![1]).toBe(app.response);
    for (const i of [0, 1]) expect(after![i]).toBe(before![i]);
  });
});
