import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFileAtomically, writeFolderAtomically } from '../src/storage.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rasid-storage-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const diskFull = () => Object.assign(new Error('no space'), { code: 'ENOSPC' });

describe('writeFileAtomically', () => {
  it('makes parent folders and leaves nothing but the file', async () => {
    await writeFileAtomically(join(folder, 'a/b/c.txt'), 'نص');
    expect(await readFile(join(folder, 'a/b/c.txt'), 'utf8')).toBe('نص');
    expect(await readdir(join(folder, 'a/b'))).toEqual(['c.txt']);
  });

  it('streams chunks in order', async () => {
    const path = join(folder, 'out.txt');
    await writeFileAtomically(
      path,
      (async function* () {
        yield 'one ';
        yield new TextEncoder().encode('two');
      })(),
    );
    expect(await readFile(path, 'utf8')).toBe('one two');
  });

  it('keeps the old file when the disk fills up midway', async () => {
    const path = join(folder, 'out.txt');
    await writeFile(path, 'old');
    const chunks = (async function* () {
      yield 'new';
      throw diskFull();
    })();
    await expect(writeFileAtomically(path, chunks)).rejects.toMatchObject({ code: 'disk-full' });
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['out.txt']);
  });

  it('says that a path below a file cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(writeFileAtomically(join(folder, 'file/x.txt'), '')).rejects.toMatchObject({
      code: 'output-unwritable',
      hint: expect.any(String),
    });
  });
});

describe('writeFolderAtomically', () => {
  it('replaces a folder as a whole', async () => {
    const path = join(folder, 'model');
    await writeFolderAtomically(path, (temporary) => writeFile(join(temporary, 'old.bin'), '1'));
    await writeFolderAtomically(path, (temporary) => writeFile(join(temporary, 'new.bin'), '2'));
    expect(await readdir(path)).toEqual(['new.bin']);
    expect(await readdir(folder)).toEqual(['model']);
  });

  it('keeps the old folder when building the new one fails', async () => {
    const path = join(folder, 'model');
    await writeFolderAtomically(path, (temporary) => writeFile(join(temporary, 'weights'), 'old'));
    const failing = writeFolderAtomically(path, async (temporary) => {
      await writeFile(join(temporary, 'weights'), 'half');
      throw diskFull();
    });
    await expect(failing).rejects.toMatchObject({ code: 'disk-full' });
    expect(await readFile(join(path, 'weights'), 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['model']);
  });
});
