/** Helpers of the format tests: a folder of their own, and everything a reader gives. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Item, Reader, ReadOptions } from '../../../src/dataset/formats/item.ts';

const folder = await mkdtemp(join(tmpdir(), 'rasid-formats-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

export const at = (name: string) => join(folder, name);

export async function file(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(at(name), content);
  return at(name);
}

export async function readAll(reader: Reader, path: string, options: ReadOptions = {}): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of reader(path, options)) items.push(item);
  return items;
}

export const rowsOf = (items: readonly Item[]) =>
  items.flatMap((item) => (item.kind === 'row' ? [[item.row, item.fields] as const] : []));

export const problemsOf = (items: readonly Item[]) =>
  items.flatMap((item) => (item.kind === 'problem' ? [[item.row, item.reason] as const] : []));
