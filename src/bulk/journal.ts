/**
 * A run on disk, so that it can be killed at any moment and gone on with:
 *
 *     out.jsonl.partial/            the run under way
 *       run.json                    what it reads, with which model and settings: another command is refused
 *       checkpoint.json             how much is done, and how long each file below was then; replaced in one step
 *       data, rejects, notes        appended to; what lies behind the checkpoint is cut off when the run goes on
 *       lock-…                      the process that writes
 *     out.jsonl, out.jsonl.rejects.jsonl, out.jsonl.summary.json
 *                                   appear at the end, by renaming
 */

import { type FileHandle, open, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describeWriteError, RasidError } from '../errors.ts';
import { temporaryBeside, writeFileAtomically } from '../storage.ts';
import { lockFolder } from './lock.ts';
import {
  checkFacts,
  exists,
  partialFolder,
  type RunFacts,
  readJson,
  rejectsFile,
  summaryFile,
} from './run-files.ts';
import type { Tally } from './tally.ts';

export interface Checkpoint {
  blocks: number;
  /** sha256 over the rows of these blocks. */
  digest: string;
  /** Bytes of each file. */
  bytes: Record<AppendedFile, number>;
  tally: Tally;
  /** Time the run has taken, all its starts together, ms. */
  ms: number;
  /** Whether everything is done but the renaming. */
  isDone: boolean;
}

const APPENDED = ['data', 'rejects', 'notes'] as const;
type AppendedFile = (typeof APPENDED)[number];

type Added = Partial<Record<AppendedFile, string | Uint8Array>>;
type Done = Omit<Checkpoint, 'bytes' | 'isDone'>;

export interface Journal {
  /** Where the run stands; undefined where it begins. */
  readonly checkpoint: Checkpoint | undefined;
  /** Whether the output stands in its place already. */
  readonly isFinished: boolean;
  /** Lines of `notes` up to the checkpoint. */
  readonly notes: readonly string[];
  /** What was kept of an earlier start, or what `make` gives now. */
  keep<T>(name: string, make: () => Promise<T>): Promise<T>;
  /**
   * Appends and commits: after this a crash loses none of it.
   * @throws RasidError `disk-full` or `output-unwritable`; the run can be gone on with from the commit before.
   */
  commit(added: Added, done: Done): Promise<void>;
  /** Commits the end, and puts output, rejects and summary in their places. @param summary Plain JSON. */
  finish(added: Added, done: Done, summary: object): Promise<void>;
  /** Lets go of files and lock; the run can be gone on with. */
  close(): Promise<void>;
}

/** What a finished run's summary holds beside its counts. */
interface Summary {
  run: RunFacts;
  checkpoint: Checkpoint;
}

/**
 * Begins a run, or goes on with one.
 * @throws RasidError `output-occupied` where the output, or what is under way there, belongs to another run, or another
 *   process is at it; `output-unwritable` or `disk-full`.
 */
export async function openJournal(output: string, facts: RunFacts): Promise<Journal> {
  const folder = partialFolder(output);
  const at = (name: string) => join(folder, name);
  const unlock = await lockFolder(folder);
  const handles = new Map<AppendedFile, FileHandle>();

  async function close(): Promise<void> {
    for (const handle of handles.values()) await handle.close();
    handles.clear();
    await unlock();
    // Stays where it holds anything.
    await rmdir(folder).catch(() => {});
  }

  /** Holds nothing that is needed. */
  async function removeFolder(): Promise<void> {
    for (const handle of handles.values()) await handle.close();
    handles.clear();
    const retired = temporaryBeside(folder);
    await rename(folder, retired);
    await rm(retired, { recursive: true, force: true });
  }

  /** Renames what is not in its place yet. */
  async function settle({ bytes }: Checkpoint): Promise<void> {
    const moves = [
      ['rejects', rejectsFile(output)],
      ['summary.json', summaryFile(output)],
      ['data', output],
    ] as const;
    if (bytes.rejects === 0) {
      await rm(at('rejects'), { force: true });
      await rm(rejectsFile(output), { force: true });
    }
    for (const [name, path] of moves) if (await exists(at(name))) await rename(at(name), path);
  }

  async function openFiles(checkpoint: Checkpoint | undefined): Promise<void> {
    for (const name of APPENDED) {
      const handle = await open(at(name), 'a');
      handles.set(name, handle);
      await handle.truncate(checkpoint?.bytes[name] ?? 0);
    }
  }

  try {
    const held = await readJson<RunFacts>(at('run.json'));
    let checkpoint = await readJson<Checkpoint>(at('checkpoint.json'));
    let isFinished = false;
    if (held !== undefined) checkFacts(folder, held, facts);
    if (await exists(output)) {
      const summary = await readJson<Summary>(summaryFile(output));
      if (summary?.run === undefined || (checkpoint !== undefined && !checkpoint.isDone)) {
        throw new RasidError('output-occupied', `${output}: exists, and is not the output of this run`, {
          hint: 'Remove it, or name another --out.',
        });
      }
      checkFacts(output, summary.run, facts);
      checkpoint = summary.checkpoint;
      isFinished = true;
    }
    if (checkpoint?.isDone) await settle(checkpoint);
    else {
      await writeFileAtomically(at('run.json'), `${JSON.stringify(facts, null, 2)}\n`);
      await openFiles(checkpoint);
    }
    const notes = checkpoint === undefined || checkpoint.isDone ? '' : await readFile(at('notes'), 'utf8');
    const bytes = checkpoint?.bytes ?? { data: 0, rejects: 0, notes: 0 };

    async function append(added: Added): Promise<void> {
      for (const name of APPENDED) {
        const content = Buffer.from(added[name] ?? '');
        if (content.length === 0) continue;
        try {
          await handles.get(name)!.appendFile(content);
          await handles.get(name)!.datasync();
        } catch (error) {
          throw describeWriteError(error, name === 'data' ? output : at(name));
        }
        bytes[name] += content.length;
      }
    }

    return {
      checkpoint,
      isFinished: isFinished || checkpoint?.isDone === true,
      notes: notes.split('\n').filter((line) => line !== ''),
      async keep(name, make) {
        const path = at(`${name}.json`);
        const kept = await readJson<Awaited<ReturnType<typeof make>>>(path);
        if (kept !== undefined) return kept;
        const value = await make();
        await writeFileAtomically(path, JSON.stringify(value));
        return value;
      },
      async commit(added, done) {
        await append(added);
        checkpoint = { ...done, bytes, isDone: false };
        await writeFileAtomically(at('checkpoint.json'), JSON.stringify(checkpoint));
      },
      async finish(added, done, summary) {
        await append(added);
        const last = { ...done, bytes, isDone: true };
        const whole = { ...summary, run: facts, checkpoint: last };
        await writeFileAtomically(at('summary.json'), `${JSON.stringify(whole, null, 2)}\n`);
        await writeFileAtomically(at('checkpoint.json'), JSON.stringify(last));
        checkpoint = last;
        await settle(last);
      },
      // Nothing is worth keeping before the first commit, nor after the end.
      close: async () =>
        isFinished || checkpoint === undefined || checkpoint.isDone ? removeFolder() : close(),
    };
  } catch (error) {
    await close();
    throw describeWriteError(error, output);
  }
}
