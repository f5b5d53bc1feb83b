import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openJournal } from '../../src/bulk/journal.ts';
import { partialFolder } from '../../src/bulk/run-files.ts';
import { emptyTally } from '../../src/bulk/tally.ts';
import { file, fresh, lines, rows, run } from './stand-in.ts';

const done = (blocks: number) => ({ blocks, digest: String(blocks), tally: emptyTally(), ms: 1 });
const ENDINGS = ['', '.rejects.jsonl', '.summary.json'];
const PARTS = ['data', 'rejects', 'summary.json'];

describe('openJournal', () => {
  it('cuts off what was appended after the last commit', async () => {
    const output = fresh('out.jsonl');
    const first = await openJournal(output, { model: 'a' });
    await first.commit({ data: 'one\n', notes: 'n1\n' }, done(1));
    await first.close();
    await writeFile(join(partialFolder(output), 'data'), 'one\ntwo, but not whol');

    const second = await openJournal(output, { model: 'a' });
    await second.finish({ data: 'two\n' }, done(2), { hello: 1 });
    await second.close();

    expect(second.checkpoint).toMatchObject({ blocks: 1 });
    expect(second.notes).toEqual(['n1']);
    expect(await readFile(output, 'utf8')).toBe('one\ntwo\n');
    expect(JSON.parse(await readFile(`${output}.summary.json`, 'utf8'))).toMatchObject({ hello: 1 });
  });

  // How many of the three files stood in their places when the process was killed.
  it.each([0, 1, 2, 3])('completes an end that was broken off after %d renames', async (renamed) => {
    const input = await file('in.jsonl', lines([...rows(25), { id: 'no text' }]));
    const output = fresh('out.jsonl');
    const summary = await run(input, output);
    const contents = await Promise.all(ENDINGS.map((ending) => readFile(`${output}${ending}`)));
    const partial = partialFolder(output);
    await mkdir(partial);
    const { run: facts, checkpoint } = JSON.parse(contents[2]!.toString());
    await writeFile(join(partial, 'run.json'), JSON.stringify(facts));
    await writeFile(join(partial, 'checkpoint.json'), JSON.stringify(checkpoint));
    // Rejects are renamed first, the output last.
    for (const i of [1, 2, 0].slice(renamed))
      await rename(`${output}${ENDINGS[i]}`, join(partial, PARTS[i]!));

    expect(await run(input, output)).toEqual(summary);

    expect(await Promise.all(ENDINGS.map((ending) => readFile(`${output}${ending}`)))).toEqual(contents);
    expect((await readdir(dirname(output))).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('takes over from a process that is dead, and not from one on another machine', async () => {
    const output = fresh('out.jsonl');
    const folder = partialFolder(output);
    await mkdir(folder);
    // No process has a number so high.
    await writeFile(join(folder, `lock-999999999-1-${hostname()}`), '');
    // This process began at another time.
    await writeFile(join(folder, `lock-${process.pid}-1-${hostname()}`), '');
    await (await openJournal(output, {})).close();
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'lock-1-1-elsewhere'), '');

    await expect(openJournal(output, {})).rejects.toMatchObject({
      code: 'output-occupied',
      message: expect.stringContaining('process 1 on elsewhere'),
      hint: expect.stringContaining(join(folder, 'lock-1-1-elsewhere')),
    });
  });

  it('says of a damaged checkpoint where it is', async () => {
    const output = fresh('out.jsonl');
    await mkdir(partialFolder(output));
    const path = join(partialFolder(output), 'checkpoint.json');
    await writeFile(path, '{"blo');

    await expect(openJournal(output, {})).rejects.toMatchObject({ message: expect.stringContaining(path) });
  });

  it('names a folder that cannot be written', async () => {
    const output = join(await file('no-folder', ''), 'out.jsonl');

    await expect(openJournal(output, {})).rejects.toMatchObject({ code: 'output-unwritable' });
  });
});
