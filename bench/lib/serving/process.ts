/** Processes that a measurement starts, looks at and ends. */

import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const TSX = { execArgv: ['--import', 'tsx'] };
const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export interface ServerProcess {
  url: string;
  stop(): Promise<void>;
}

export interface ServedProcess extends ServerProcess {
  /** A series of `/metrics`. */
  metric(name: string): Promise<number>;
  /** Process ids of the encoder workers. */
  workers(): Promise<number[]>;
  /** Resident memory of server and workers, bytes. */
  memory(): Promise<number>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

async function workersOf(pid: number): Promise<number[]> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8'))
    .trim()
    .split(' ')
    .map(Number);
  const commands = await Promise.all(children.map((child) => readFile(`/proc/${child}/cmdline`, 'utf8')));
  return children.filter((_, i) => commands[i]!.includes('worker-entry'));
}

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return 1_024 * Number(/VmRSS:\s+(\d+)/.exec(status)![1]);
}

/** The server as `npm start` runs it, its log thrown away. Resolves when it is ready with all its workers. */
export async function startServed(settings: Record<string, string>): Promise<ServedProcess> {
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  const env = { ...process.env, RASID_PORT: port, ...settings };
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8'));
  const child = spawn(process.execPath, scripts.start.split(' ').slice(1), {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const pid = child.pid!;
  const metric = async (series: string) => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(
      text
        .split('\n')
        .find((row) => row.startsWith(`${series} `))
        ?.split(' ')[1],
    );
  };
  const isReady = async () => {
    const { ok } = await fetch(`${url}/ready`);
    return ok && (await metric('rasid_workers')) === (await workersOf(pid)).length;
  };
  while (!(await isReady().catch(() => false))) await sleep(50);
  return {
    url,
    metric,
    workers: () => workersOf(pid),
    async memory() {
      const parts = await Promise.all([pid, ...(await workersOf(pid))].map(residentBytes));
      return parts.reduce((a, b) => a + b, 0);
    },
    stop: () => stop(child),
  };
}

/** A plain Express handler that awaits the Transformers.js pipeline. */
export async function startPlain(): Promise<ServerProcess> {
  const child = fork(file('plain.ts'), TSX);
  const [url] = (await once(child, 'message')) as [string];
  return { url, stop: () => stop(child) };
}

/** Watches `/health` meanwhile. @returns A function that ends it and gives the times, ms. */
export async function watchHealth(url: string): Promise<() => Promise<number[]>> {
  const child = fork(file('probe.ts'), [url], { ...TSX, serialization: 'advanced' });
  await once(child, 'message');
  return async () => {
    const times = once(child, 'message');
    child.send('stop');
    return (await times)[0] as number[];
  };
}
