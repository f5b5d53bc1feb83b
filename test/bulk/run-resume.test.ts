import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AnswerBlock } from '../../src/bulk/block.ts';
import { seededRandom } from '../../src/random.ts';
import { beside, file, fresh, lines, readLines, rows, run, standIn } from './stand-in.ts';

/** Answers, and dies at the given block. */
const dyingAt =
  (index: number): AnswerBlock =>
  async (block) => {
    if (block.index === index) throw new Error('killed');
    return standIn(block);
  };

describe('a run that is broken off', () => {
  it.each(['out.jsonl', 'out.jsonl.gz', 'out.csv', 'out.parquet'])(
    'goes on to the same bytes, however often: %s',
    async (name) => {
      // Every 17th row is a reject, so that the rejects are gone on with too.
      const records = rows(1_000).map((row, i) => (i % 17 === 16 ? { id: i } : row));
      const input = await file('in.jsonl', lines(records));
      const [calm, broken] = [fresh(name), fresh(name)];
      await run(input, calm);

      const random = seededRandom(3);
      let deaths = 0;
      for (let at = 0; at < 100; at += 1 + random.below(30), deaths++)
        await expect(run(input, broken, { answer: dyingAt(at) })).rejects.toThrow('killed');
      // A crash may also leave more than was committed.
      const partial = `${broken}.partial`;
      for (const part of await readdir(partial))
        if (['data', 'rejects', 'notes'].includes(part)) await appendFile(join(partial, part), 'half a row');
      const summary = await run(input, broken);

      expect(deaths).toBeGreaterThan(3);
      expect(await readFile(broken)).toEqual(await readFile(calm));
      expect(await readFile(`${broken}.rejects.jsonl`)).toEqual(await readFile(`${calm}.rejects.jsonl`));
      expect(summary).toMatchObject({
        rows: 1_000,
        rejected: records.filter((row) => !('text' in row)).length,
      });
      expect((await beside(broken)).some((entry) => entry.includes('partial'))).toBe(false);
    },
  );

  it('does not answer again what was committed', async () => {
    const input = await file('in.jsonl', lines(rows(100)));
    const output = fresh('out.jsonl');
    await expect(run(input, output, { answer: dyingAt(6) })).rejects.toThrow('killed');

    const asked: number[] = [];
    await run(input, output, {
      answer: (block) => {
        asked.push(block.index);
        return standIn(block);
      },
    });

    expect(asked[0]).toBeGreaterThan(2);
    expect(asked.at(-1)).toBe(9);
  });

  it('changes nothing where it is called again after its end', async () => {
    const input = await file('in.jsonl', lines(rows(30)));
    const output = fresh('out.jsonl');
    const first = await run(input, output);
    const before = await readFile(output);

    const second = await run(input, output, { answer: dyingAt(0) });

    expect(second).toEqual(first);
    expect(await readFile(output)).toEqual(before);
    expect(await beside(output)).toEqual([basename(output), `${basename(output)}.summary.json`]);
  });

  it('refuses an input that has changed meanwhile', async () => {
    const input = await file('in.jsonl', lines(rows(100)));
    const output = fresh('out.jsonl');
    await expect(run(input, output, { answer: dyingAt(6) })).rejects.toThrow('killed');
    await writeFile(input, lines(rows(100).map((row) => ({ ...row, id: row.id + 1 }))));

    await expect(run(input, output)).rejects.toMatchObject({ code: 'resume-mismatch' });
    await writeFile(input, lines(rows(3)));
    await expect(run(input, output)).rejects.toMatchObject({ code: 'resume-mismatch' });
  });
});

describe('an output that is taken', () => {
  it('is left as it is where it is no output of a run', async () => {
    const input = await file('in.jsonl', lines(rows(3)));
    const output = await file('out.jsonl', 'mine\n');

    await expect(run(input, output)).rejects.toMatchObject({ code: 'output-occupied' });

    expect(await readFile(output, 'utf8')).toBe('mine\n');
    expect(await beside(output)).toEqual([basename(output)]);
  });

  it.each([
    ['a finished run', standIn],
    ['a run under way', dyingAt(3)],
  ])('is left as it is where it belongs to %s of another model or of other files', async (_, answer) => {
    const input = await file('in.jsonl', lines(rows(100)));
    const output = fresh('out.jsonl');
    await run(input, output, { answer }).catch(() => {});

    await expect(run(input, output, { model: 'another' })).rejects.toMatchObject({
      code: 'output-occupied',
      message: expect.stringContaining('another run: model differ'),
    });
    const other = await file('other.jsonl', lines(rows(100)));
    await expect(run(other, output)).rejects.toMatchObject({
      code: 'output-occupied',
      message: expect.stringContaining('inputs differ'),
    });
    await expect(run(input, output)).resolves.toMatchObject({ rows: 100 });
  });

  it('is refused to a second run at the same time', async () => {
    const input = await file('in.jsonl', lines(rows(100)));
    const output = fresh('out.jsonl');
    let second: Promise<unknown> | undefined;
    const answer: AnswerBlock = async (block) => {
      second ??= expect(run(input, output)).rejects.toMatchObject({
        code: 'output-occupied',
        message: expect.stringContaining('another run is writing it'),
      });
      await second;
      return standIn(block);
    };

    await run(input, output, { answer });

    expect(await readLines(output)).toHaveLength(100);
  });
});

describe('a full disk', () => {
  it('ends the run with one sentence; with room again it goes on to the same bytes', async ({ skip }) => {
    const disk = fresh('disk');
    await mkdir(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=200k', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      skip('a small file system can be mounted by root alone');
    }
    try {
      const input = await file('in.jsonl', lines(rows(2_000)));
      const calm = fresh('out.jsonl');
      const full = join(disk, 'out.jsonl');
      await run(input, calm, { blockRows: 100 });

      await expect(run(input, full, { blockRows: 100 })).rejects.toMatchObject({ code: 'disk-full' });
      expect(await readdir(disk)).toEqual(['out.jsonl.partial']);
      execFileSync('mount', ['-o', 'remount,size=2m', disk]);
      await run(input, full, { blockRows: 100 });

      expect(await readFile(full)).toEqual(await readFile(calm));
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});
