/** Runs of the queue: what one is, and how Redis tells it. */

import type { Taxonomy } from '../../dataset/taxonomy.ts';
import { RasidError } from '../../errors.ts';
import type { LabelColumnOptions } from '../output/columns.ts';
import type { Input } from '../read.ts';
import type { RunFacts } from '../run-files.ts';
import type { TextColumns } from '../text.ts';

/** Also the name of a folder: never `..`. */
export const RUN_NAME = /^\w[\w.-]{0,99}$/;
/** What a run is: equal at every start of its submission, and all that collecting needs beside the input. */
export interface RunDescription {
  /** Absolute paths: collecting reads them again. */
  inputs: Input[];
  columns: TextColumns;
  blockRows: number;
  model: string;
  /** Undefined: vectors instead of labels. */
  labels?: LabelColumnOptions;
  taxonomy?: Taxonomy;
  facts: RunFacts;
  metadata: Record<string, string>;
  /** Folder that all machines share; blocks and answers lie there instead of in Redis. */
  shared?: string;
}

/** One submission of a run: jobs and answers belong to it, and not to a later run of the same name. */
export interface RunRef {
  name: string;
  id: string;
}

export interface RunState extends RunRef {
  description: RunDescription;
  state: 'submitting' | 'submitted' | 'cancelled' | 'collected';
  /** Blocks and rows that stand in the queue or are answered. */
  blocks: number;
  rows: number;
  /** Rows that have an answer. */
  answered: number;
  /** When it was first submitted, ms since 1970. */
  begun: number;
  /** Where it was collected into. */
  output?: string;
}

/** The fields of the run's hash; undefined where there is none. */
export function parseRun(name: string, fields: Record<string, string>): RunState | undefined {
  if (fields.description === undefined) return undefined;
  return {
    name,
    id: fields.id!,
    description: JSON.parse(fields.description) as RunDescription,
    state: fields.state as RunState['state'],
    blocks: Number(fields.blocks),
    rows: Number(fields.rows),
    answered: Number(fields.answered),
    begun: Number(fields.begun),
    ...(fields.output === undefined ? {} : { output: fields.output }),
  };
}

/** @throws RasidError `run-occupied` where the run of the name is another one. */
export function checkSame({ name, description, state }: RunState, plain: string): void {
  const held = description as unknown as Record<string, unknown>;
  const wanted = JSON.parse(plain) as Record<string, unknown>;
  const keys = [...new Set([...Object.keys(held), ...Object.keys(wanted)])];
  const differing = keys.filter((key) => JSON.stringify(held[key]) !== JSON.stringify(wanted[key]));
  if (differing.length === 0 && state !== 'cancelled') return;
  const what = state === 'cancelled' ? 'is being cancelled' : `differs in ${differing.join(', ')}`;
  throw new RasidError('run-occupied', `${name}: the run of this name in the queue ${what}`, {
    hint: `Name another run, or end that one with \`npm run bulk -- cancel ${name}\`.`,
  });
}
