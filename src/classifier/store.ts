/**
 * Versions of a trained classifier side by side, one of them current:
 *
 *     models/classifier/current             name of the version in use
 *     models/classifier/previous            name of the one before, for the way back
 *     models/classifier/0002-59015d4af1f0/  a bundle; the name is a running number and the start of its id
 *
 * A version is written whole before `current` names it, and `current` is replaced in one step, so a reader meets the old
 * version or the new one.
 */

import { access, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeReadError, describeWriteError, RasidError, systemErrorCode } from '../errors.ts';
import { temporaryBeside, writeFileAtomically } from '../storage.ts';
import { loadBundle, MANIFEST, type Manifest, readBundle, readManifest, saveBundle } from './bundle.ts';

const CURRENT = 'current';
const PREVIOUS = 'previous';
const VERSION = /^(\d{4,})-[0-9a-f]{12}$/;
const ID_LETTERS = 12;
/** Fewer letters of an id name none. */
const FEWEST_LETTERS = 4;

export interface Version {
  name: string;
  id: string;
  manifest: Manifest;
  isCurrent: boolean;
  isPrevious: boolean;
}

const numberOf = (name: string) => Number(VERSION.exec(name)![1]);

/** Names of all versions, oldest first; none where the folder does not exist. */
async function versionNames(store: string): Promise<string[]> {
  const entries = await readdir(store).catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw describeReadError(error, store);
  });
  return entries.filter((name) => VERSION.test(name)).sort((a, b) => numberOf(a) - numberOf(b));
}

async function readPointer(store: string, pointer: string): Promise<string | undefined> {
  const text = await readFile(join(store, pointer), 'utf8').catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw describeReadError(error, join(store, pointer));
  });
  return text?.trim();
}

const holdsBundle = (folder: string) =>
  access(join(folder, MANIFEST)).then(
    () => true,
    () => false,
  );

/**
 * The bundle's folder: the one given, where it holds a bundle itself, else its current version.
 * @throws RasidError `bundle-missing`.
 */
export async function bundleFolder(folder: string): Promise<string> {
  if (await holdsBundle(folder)) return folder;
  const current = await readPointer(folder, CURRENT);
  if (current === undefined) {
    throw new RasidError('bundle-missing', `${folder}: holds no trained classifier`, {
      hint: 'Train one with `npm run train`, or name its folder with --model-folder.',
    });
  }
  if (!VERSION.test(current)) {
    throw new RasidError(
      'bundle-corrupt',
      `${join(folder, CURRENT)}: ${JSON.stringify(current)} is no version`,
      {
        hint: 'Choose one with `npm run models -- use <version>`.',
      },
    );
  }
  return join(folder, current);
}

/** The current version of a store, or the bundle in the folder itself. @throws RasidError of `loadBundle`. */
export const loadCurrent = async (folder: string) => loadBundle(await bundleFolder(folder));

/** All versions, oldest first. @throws RasidError `bundle-corrupt` naming a damaged manifest. */
export async function listVersions(store: string): Promise<Version[]> {
  const [current, previous] = await Promise.all([readPointer(store, CURRENT), readPointer(store, PREVIOUS)]);
  return Promise.all(
    (await versionNames(store)).map(async (name) => ({
      name,
      ...(await readManifest(join(store, name))),
      isCurrent: name === current,
      isPrevious: name === previous,
    })),
  );
}

/**
 * The version that a person means: its name, its number, the start of its id, `current` or `previous`.
 * @throws RasidError `version-unknown`.
 */
export async function findVersion(store: string, wanted: string): Promise<string> {
  const names = await versionNames(store);
  const name = [CURRENT, PREVIOUS].includes(wanted) ? await readPointer(store, wanted) : wanted;
  const ways: ((own: string) => boolean)[] = [
    (own) => own === name,
    (own) => /^\d+$/.test(wanted) && numberOf(own) === Number(wanted),
    (own) => wanted.length >= FEWEST_LETTERS && own.split('-')[1]!.startsWith(wanted),
  ];
  const found = ways.map((way) => names.filter(way)).find((matches) => matches.length > 0) ?? [];
  if (found.length === 1) return found[0]!;
  const why = found.length === 0 ? 'no such version' : `may be ${found.join(' or ')}`;
  throw new RasidError('version-unknown', `${store}: ${wanted}: ${why}`, {
    hint: '`npm run models -- list` shows all versions.',
  });
}

/**
 * Makes a version current, after every file of it was checked; the one that was current becomes `previous`.
 * @throws RasidError of `readBundle`; what was current stays so.
 */
export async function useVersion(store: string, name: string): Promise<void> {
  await readBundle(join(store, name));
  const current = await readPointer(store, CURRENT);
  if (current === name) return;
  if (current !== undefined) await writeFileAtomically(join(store, PREVIOUS), `${current}\n`);
  await writeFileAtomically(join(store, CURRENT), `${name}\n`);
}

/**
 * Saves a bundle as a new version and makes it current. The very same bundle is not kept twice.
 * @throws RasidError `output-occupied`, `disk-full` or `output-unwritable`; the version that was current stays so.
 */
export async function saveVersion(
  store: string,
  bundle: Parameters<typeof saveBundle>[1],
  extra: Record<string, string> = {},
): Promise<{ name: string; id: string }> {
  const temporary = temporaryBeside(join(store, 'version'));
  if (await holdsBundle(store)) {
    throw new RasidError('output-occupied', `${store}: is a single classifier, not a store of versions`, {
      hint: 'Name another --model-folder.',
    });
  }
  try {
    await mkdir(store, { recursive: true });
    const id = await saveBundle(temporary, bundle, extra);
    const names = await versionNames(store);
    const short = id.slice(0, ID_LETTERS);
    let name = names.find((own) => own.endsWith(short));
    if (name === undefined) {
      const number = 1 + Math.max(0, ...names.map(numberOf));
      name = `${String(number).padStart(4, '0')}-${short}`;
      await rename(temporary, join(store, name));
    }
    await useVersion(store, name);
    return { name, id };
  } catch (error) {
    throw describeWriteError(error, store);
  } finally {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
  }
}

/** Removes all but the newest versions; the current and the previous one stay. @returns The names removed. */
export async function pruneVersions(store: string, keep: number): Promise<string[]> {
  const versions = await listVersions(store);
  const removed = versions
    .slice(0, Math.max(0, versions.length - keep))
    .filter(({ isCurrent, isPrevious }) => !isCurrent && !isPrevious)
    .map(({ name }) => name);
  for (const name of removed) await rm(join(store, name), { recursive: true });
  return removed;
}
