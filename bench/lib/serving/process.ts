/** Processes that a measurement starts and ends. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const TSX = { execArgv: ['--import', 'tsx'] };
const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export interface ServerProcess {
  url: string;
  child: ChildProcess;
  /** A series of `/metrics`. */
  metric(name: string): Promise<number>;
  stop(): Promise<void>;
}

export async function startProcess(
  name: 'served.ts' | 'plain.ts',
  settings: Record<string, string> = {},
): Promise<ServerProcess> {
  const env = { ...process.env, RASID_PORT: '0', RASID_LOG_LEVEL: 'silent', ...settings };
  const child = fork(file(name), { ...TSX, env });
  const [url] = (await once(child, 'message')) as [string];
  return {
    url,
    child,
    async metric(series) {
      const text = await (await fetch(`${url}/metrics`)).text();
      const line = text.split('\n').find((row) => row.startsWith(`${series} `));
      return Number(line?.split(' ')[1]);
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Watches `/health` meanwhile. @returns A function that ends it and gives the times, ms. */
export async function watchHealth(url: string): Promise<() => Promise<number[]>> {
  const child = fork(file('probe.ts'), [url], TSX);
  await once(child, 'message');
  return async () => {
    const times = once(child, 'message');
    child.send('stop');
    return (await times)[0] as number[];
  };
}
