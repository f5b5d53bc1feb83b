/** CPU time of processes (Linux). It says the same on a busy machine, unlike the clock. */

import { readFile } from 'node:fs/promises';

const TICKS_PER_SECOND = 100;

/** CPU time of a process and its living children so far, s. */
export async function cpuOf(pid: number): Promise<number> {
  const read = (path: string) => readFile(path, 'utf8').catch(() => '');
  const stat = await read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const children = (await read(`/proc/${pid}/task/${pid}/children`)).split(' ').filter(Boolean);
  const own = (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_SECOND;
  const all = await Promise.all(children.map((child) => cpuOf(Number(child))));
  return own + all.reduce((a, b) => a + b, 0);
}
