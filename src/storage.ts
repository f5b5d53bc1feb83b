/** Writing files and folders so that a reader, or a crash, never meets half of one. */

import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describeWriteError } from './errors.ts';

/** A sibling path on the same file system, so that the final rename is atomic. `*.tmp-*` is ignored by git. */
export function temporaryBeside(path: string): string {
  return join(dirname(path), `${basename(path)}.tmp-${randomUUID().slice(0, 8)}`);
}

/**
 * Writes a file under a temporary name, flushes it to disk and renames it into place.
 * Parent folders are made.
 * @throws RasidError `disk-full` or `output-unwritable`; the file that stood there is unchanged.
 */
export async function writeFileAtomically(
  path: string,
  content: string | Uint8Array | AsyncIterable<string | Uint8Array>,
): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(content as string);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw describeWriteError(error, path);
  }
}

/**
 * Builds a folder under a temporary name and swaps it into place. If `build` throws, the old folder stays.
 * @throws RasidError `disk-full` or `output-unwritable`; the folder that stood there is unchanged.
 */
export async function writeFolderAtomically(
  path: string,
  build: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = temporaryBeside(path);
  const retired = temporaryBeside(path);
  try {
    await mkdir(temporary, { recursive: true });
    await build(temporary);
    const replaces = await stat(path).then(
      () => true,
      () => false,
    );
    if (replaces) await rename(path, retired);
    await rename(temporary, path).catch(async (error: unknown) => {
      if (replaces) await rename(retired, path);
      throw error;
    });
    await rm(retired, { recursive: true, force: true });
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    throw describeWriteError(error, path);
  }
}
