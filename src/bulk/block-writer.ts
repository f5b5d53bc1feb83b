/** Answered blocks as pieces of the output and of the rejects file, counted along. */

import { formatJson } from '../dataset/formats/json.ts';
import { RasidError } from '../errors.ts';
import type { BlockAnswer, InputBlock, Outcome, Rejection, Row } from './block.ts';
import { misfit } from './input-columns.ts';
import type { AddedColumns } from './output/columns.ts';
import { createWriter, type OutputFormat } from './output/format.ts';
import type { OutputColumn, Written } from './output/writer.ts';
import { nameOf } from './read.ts';
import { type Tally, tallyAnswer, tallyRejection } from './tally.ts';

export interface BlockWriter {
  add(block: InputBlock, answer: BlockAnswer): void;
  /** What was added since the last call. */
  take(): Promise<{ data: Uint8Array; rejects: string; notes: string }>;
  /** The same with what ends the output. */
  end(): Promise<{ data: Uint8Array; rejects: string; notes: string }>;
}

export interface BlockWriterOptions {
  format: OutputFormat;
  /** Columns of the input, where the format wants them settled. */
  own: readonly OutputColumn[] | undefined;
  added: AddedColumns;
  metadata: Record<string, string>;
  /** What an earlier start has written. */
  written: Written;
  /** Counted along. */
  tally: Tally;
}

/** A column of the input may not be lost under one that is added. */
function collision(place: string, name: string): RasidError {
  return new RasidError(
    'data-invalid',
    `${place}: has a column ${name} already, which the output would add`,
    {
      hint: 'Choose other names with --prefix, or rename the column.',
    },
  );
}

/** @throws RasidError `data-invalid` where the input has a column that would be added. */
export function createBlockWriter(options: BlockWriterOptions): BlockWriter {
  const { format, own, added, metadata, written, tally } = options;
  const names = added.columns.map(({ name }) => name);
  const clash = own?.find(({ name }) => names.includes(name));
  if (clash !== undefined) throw collision('the input', clash.name);
  const writer = createWriter(format, [...(own ?? []), ...added.columns], metadata, written);
  const types = own && new Map(own.map(({ name, type }) => [name, type]));
  let rejects = '';

  function reject(rejection: Rejection): void {
    tallyRejection(tally, rejection);
    rejects += `${formatJson(rejection)}\n`;
  }

  function addRow(row: Row, outcome: Outcome): void {
    const { file, line, columns } = row;
    const taken = names.find((name) => Object.hasOwn(columns, name));
    if (taken !== undefined) throw collision(`${nameOf(file)}:${line}`, taken);
    const reason = types && misfit(row, types);
    if (reason !== undefined) reject({ file, line, code: 'data-invalid', reason, columns });
    else if ('code' in outcome) reject({ file, line, code: outcome.code, reason: outcome.reason, columns });
    else {
      tallyAnswer(tally, file, outcome);
      writer.add({ ...columns, ...added.cells(outcome, columns) });
    }
  }

  async function take() {
    const { bytes, note } = await writer.take();
    const taken = { data: bytes, rejects, notes: note === undefined ? '' : `${note}\n` };
    rejects = '';
    return taken;
  }

  return {
    add({ rows, problems }, { outcomes }) {
      let next = 0;
      const rejectBefore = (end: number) => {
        while (next < problems.length && problems[next]!.before <= end) reject(problems[next++]!.rejection);
      };
      for (const [i, row] of rows.entries()) {
        rejectBefore(i);
        addRow(row, outcomes[i]!);
      }
      rejectBefore(rows.length);
    },
    take,
    async end() {
      const last = await take();
      return { ...last, data: Buffer.concat([last.data, await writer.end()]) };
    },
  };
}
