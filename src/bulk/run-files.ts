/** The files of a run by their names, and whose run they belong to. */

import { readFile, stat } from 'node:fs/promises';
import { describeReadError, RasidError, systemErrorCode } from '../errors.ts';

/** What must be equal for a run to be gone on with. Plain JSON. */
export type RunFacts = Record<string, unknown>;

export const partialFolder = (output: string) => `${output}.partial`;
export const rejectsFile = (output: string) => `${output}.rejects.jsonl`;
export const summaryFile = (output: string) => `${output}.summary.json`;

export const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

/** @throws RasidError `output-occupied` where the file is damaged. */
export async function readJson<T>(path: string): Promise<T | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw describeReadError(error, path);
  });
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new RasidError('output-occupied', `${path}: is not what a run has written`, {
      hint: 'Remove it, or name another --out.',
    });
  }
}

/** @throws RasidError `output-occupied` naming what differs. */
export function checkFacts(place: string, held: RunFacts | undefined, facts: RunFacts): void {
  const plain = JSON.parse(JSON.stringify(facts)) as RunFacts;
  const keys = [...new Set([...Object.keys(held ?? {}), ...Object.keys(plain)])];
  const differing = keys.filter((key) => JSON.stringify(held?.[key]) !== JSON.stringify(plain[key]));
  if (differing.length === 0) return;
  throw new RasidError(
    'output-occupied',
    `${place}: belongs to another run: ${differing.join(', ')} differ`,
    {
      hint: 'Repeat that run with the same command, remove its files, or name another --out.',
    },
  );
}
