import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { run, start } from './run.ts';

/** Some of the articles, so that each run takes seconds. */
let lines: string[];
let folder: string;
let model: string;

beforeAll(async () => {
  const all = (await readFile('data/articles.jsonl', 'utf8')).trimEnd().split('\n');
  lines = all.filter((_, i) => i % 10 === 0);
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rasid-train-'));
  model = join(folder, 'model');
});

async function train(content: string | Uint8Array = `${lines.join('\n')}\n`, argv: string[] = []) {
  const path = join(folder, 'articles.jsonl');
  await writeFile(path, content);
  return ['--data-file', path, '--model-folder', model, '--workers', '2', ...argv];
}
const snapshot = async () => {
  const names = await readdir(model, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.sort().map(async (file) => [file, (await readFile(file)).toString('base64')]));
};

describe('npm run train', () => {
  it('trains, prints the table, and does it again to the byte', async () => {
    const first = await run('train', await train());
    const before = await snapshot();
    const second = await run('train', await train());

    expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/sentiment \(\d+ articles\)/) });
    expect(second.stdout).toBe(first.stdout);
    expect(await snapshot()).toEqual(before);
  });

  it('leaves the former classifier as it was when interrupted', async () => {
    await run('train', await train());
    const before = await snapshot();

    const second = start('train', await train(undefined, ['--seed', '2']));
    await second.says('training, epochs');
    second.child.kill('SIGINT');

    expect((await second.finished).code).toBe(130);
    expect(await snapshot()).toEqual(before);
    expect(await readdir(folder)).toEqual(['articles.jsonl', 'model']);
  });

  it('leaves the former classifier as it was when the disk is full', async ({ skip }) => {
    const disk = join(folder, 'disk');
    await mkdir(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      skip('a small file system can be mounted by root alone');
    }
    try {
      model = join(disk, 'model');
      await run('train', await train());
      const before = await snapshot();
      const used = Number(execFileSync('du', ['-sk', disk], { encoding: 'utf8' }).split('\t')[0]);
      await writeFile(join(disk, 'filler'), Buffer.alloc(Math.max(0, 6 * 1024 - used - 100) * 1024));

      const { code, stderr } = await run('train', await train());

      expect(code).toBe(1);
      expect(stderr).toContain('no space left');
      expect(await snapshot()).toEqual(before);
      expect((await readdir(disk)).sort()).toEqual(['filler', 'model']);
    } finally {
      execFileSync('umount', [disk]);
    }
  });

  it('refuses a folder it cannot write', async () => {
    await writeFile(join(folder, 'file'), '');
    model = join(folder, 'file', 'model');

    const { code, stderr } = await run('train', await train());

    expect(code).toBe(1);
    expect(stderr).toContain(model);
  });

  it.each<[string, (lines: string[]) => string | Uint8Array, string]>([
    ['an empty file', () => '', 'holds no record'],
    ['a record without text', ([a]) => `${a}\n{"id":"b"}\n`, ':2: text:'],
    [
      'an unknown label',
      ([a]) => `${a}\n{"id":"b","text":"نص","labels":{"topics":["sport"]}}\n`,
      ':2: labels.topics',
    ],
    ['a duplicate id', ([a]) => `${a}\n${a}\n`, ':2: id'],
    [
      'invalid UTF-8',
      ([a]) => Buffer.concat([Buffer.from(`${a}\n{"id":"b","text":"`), Buffer.of(0xff), Buffer.from('"}\n')]),
      ':2:',
    ],
    ['what is no JSON', ([a]) => `${a}\n{"id":\n`, ':2:'],
    [
      'a text of nothing to read',
      ([a]) => `${a}\n{"id":"b","text":"😀 ــ ًٌ \\u202e","labels":{"sentiment":"neutral"},"split":"train"}\n`,
      ':2: text',
    ],
    [
      'a lone surrogate',
      ([a]) => `${a}\n{"id":"b","text":"نص \\ud800","labels":{"sentiment":"neutral"},"split":"train"}\n`,
      ':2: text',
    ],
  ])('refuses %s, naming file and line', async (_, content, expected) => {
    const { code, stderr } = await run('train', await train(content(lines)));

    expect(code).toBe(1);
    expect(stderr).toContain(join(folder, 'articles.jsonl'));
    expect(stderr).toContain(expected);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('reads a file with a byte order mark and Windows line ends like any other', async () => {
    const plain = await run('train', await train());
    const other = await run('train', await train(`\ufeff${lines.join('\r\n')}\r\n`));

    expect(other).toMatchObject({ code: 0, stdout: plain.stdout });
  });

  it('answers a wrong flag with one line and exit code 2', async () => {
    const { code, stderr } = await run('train', ['--sead', '3']);

    expect(code).toBe(2);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toContain('--seed');
  });

  it.each(['0', '1.5', 'many'])('takes no %s fits', async (fits) => {
    const { code, stderr } = await run('train', ['--fits', fits]);

    expect(code).toBe(2);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toContain('from 1 to 20');
  });
});
