/** A real server on a free port, with what tests ask of it. */

import { connect, type Socket } from 'node:net';
import { expect } from 'vitest';
import { type ConfigKey, loadConfig } from '../../src/config.ts';
import { type Log, silentLog } from '../../src/server/log.ts';
import { type Running, startServer } from '../../src/server/serve.ts';

export const TEXT = 'تمكن جهاز مكافحة الإرهاب من إحباط مخطط إرهابي في كركوك بعد عملية استخبارية ناجحة';

/** A body as loose as a client without types sees it. */
// biome-ignore lint/suspicious/noExplicitAny: the assertions state the shape
export type Loose = any;

export interface LogLine {
  level: string;
  fields: Loose;
  message: string | undefined;
}

export interface Harness extends Running {
  lines: LogLine[];
  /** Lines of level `error`: faults of the server itself. */
  faults(): LogLine[];
  post(
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers?: Record<string, string>,
  ): Promise<Response>;
  classify(body: unknown, headers?: Record<string, string>): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** A bare connection, for clients that misbehave. */
  connect(): Promise<Socket>;
}

export async function start(settings: Partial<Record<ConfigKey, string>> = {}): Promise<Harness> {
  const lines: LogLine[] = [];
  const level = (name: string) => (fields: unknown, message?: string) =>
    void lines.push(
      typeof fields === 'string'
        ? { level: name, fields: {}, message: fields }
        : { level: name, fields, message },
    );
  const log = Object.assign({}, silentLog, {
    info: level('info'),
    warn: level('warn'),
    error: level('error'),
  }) as Log;
  const server = await startServer(loadConfig({ port: '0', workers: '1', ...settings }, {}), log);
  const json = { 'content-type': 'application/json' };
  const post: Harness['post'] = (path, body, headers = json) =>
    fetch(server.url + path, { method: 'POST', body, headers });
  return {
    ...server,
    lines,
    faults: () => lines.filter((line) => line.level === 'error'),
    post,
    classify: (body, headers) => post('/classify', JSON.stringify(body), { ...json, ...headers }),
    get: (path, headers = {}) => fetch(server.url + path, { headers }),
    connect: () =>
      new Promise((resolve, reject) => {
        const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => resolve(socket));
        socket.once('error', reject);
      }),
  };
}

export const bodyOf = async (response: Response): Promise<Loose> => response.json();

/** The response is a problem of this code that shows nothing of the machine. */
export async function expectProblem(response: Response, status: number, code: string): Promise<Loose> {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  const problem = await bodyOf(response);
  expect(problem).toMatchObject({ status, code, type: `urn:rasid:${code}` });
  expect(JSON.stringify(problem)).not.toMatch(/node_modules|\.ts:|\n\s+at |\/root|\/home/);
  return problem;
}

/** Everything the other side sends until it closes. */
export function readAll(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}

export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves when `condition` holds; fails after five seconds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 250; i++) {
    if (await condition()) return;
    await sleep(20);
  }
  throw new Error('it never came to be');
}
