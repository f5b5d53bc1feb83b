/** Runs a command of the repository as a user would, in a process of its own. */

import { type ChildProcess, spawn } from 'node:child_process';

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Started {
  child: ChildProcess;
  /** Resolves once standard error holds the text. */
  says: (text: string) => Promise<void>;
  finished: Promise<Finished>;
}

/** Starts `scripts/<name>.ts` with the given arguments, settings and standard input. */
export function start(
  name: string,
  argv: readonly string[],
  { env = {}, input }: { env?: Record<string, string>; input?: string | Uint8Array } = {},
): Started {
  const child = spawn(process.execPath, ['--import', 'tsx', `scripts/${name}.ts`, ...argv], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let listeners: (() => void)[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const listener of listeners) listener();
  });
  child.stdin.end(input ?? '');
  const finished = new Promise<Finished>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  const says = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!stderr.includes(text)) return;
        listeners = listeners.filter((listener) => listener !== look);
        resolve();
      };
      listeners.push(look);
      look();
      void finished.then(() => reject(new Error(`ended without saying ${text}: ${stderr}`)));
    });
  return { child, says, finished };
}

/** Runs a command to its end. */
export const run = (...args: Parameters<typeof start>): Promise<Finished> => start(...args).finished;
