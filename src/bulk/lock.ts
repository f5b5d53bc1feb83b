/**
 * One run at a time on one folder. Each process writes a claim of its own first and looks for others then: of two that
 * begin at the same moment at least one sees the other. A claim dies with its process, however that ends.
 */

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describeWriteError, RasidError, systemErrorCode } from '../errors.ts';

const CLAIM = /^lock-(\d+)-(\d+)-(.+)$/;

const MOST_ATTEMPTS = 5;

/** When a process began, in the kernel's ticks: tells it from a later one of the same number. 0 where nobody says. */
async function startOf(pid: number | 'self'): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name of the program stands in parentheses and may hold spaces; the start is the 20th field behind it.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
}

async function isAlive(pid: number, start: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (systemErrorCode(error) === 'ESRCH') return false;
  }
  return start === '0' || start === (await startOf(pid));
}

/** @returns The claim of another run that may be alive. */
async function findOther(folder: string, own: string): Promise<string | undefined> {
  for (const name of await readdir(folder)) {
    const claim = CLAIM.exec(name);
    if (claim === null || name === own) continue;
    const isHere = claim[3] === hostname();
    if (!isHere || (await isAlive(Number(claim[1]), claim[2]!))) return name;
    await rm(join(folder, name), { force: true });
  }
  return undefined;
}

/**
 * Claims a folder, which is made where there is none.
 * @returns A function that gives it up.
 * @throws RasidError `output-occupied` where another run holds it; `output-unwritable` or `disk-full`.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const own = `lock-${process.pid}-${await startOf('self')}-${hostname()}`;
  const path = join(folder, own);
  const release = () => rm(path, { force: true });
  for (let attempt = 1; ; attempt++) {
    try {
      await mkdir(folder, { recursive: true });
      await writeFile(path, '', { flag: 'wx' });
      const other = await findOther(folder, own);
      if (other === undefined) return release;
      await release();
      throw occupied(folder, other);
    } catch (error) {
      if (systemErrorCode(error) === 'EEXIST') throw occupied(folder, own);
      // Another run that has just ended removed the folder in between.
      if (systemErrorCode(error) !== 'ENOENT' || attempt === MOST_ATTEMPTS)
        throw describeWriteError(error, path);
    }
  }
}

function occupied(folder: string, claim: string): RasidError {
  const [, pid, , host] = CLAIM.exec(claim)!;
  const isHere = host === hostname();
  return new RasidError(
    'output-occupied',
    `${folder}: another run is writing it (process ${pid} on ${host})`,
    {
      hint: isHere
        ? 'Wait for it, or name another --out.'
        : `If that machine is gone, remove ${join(folder, claim)} and run the command again.`,
    },
  );
}
