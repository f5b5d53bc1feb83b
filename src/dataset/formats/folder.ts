/** Plain-text folders: `<root>/<class>/…/<name>.txt`, one text a file, one class a folder. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeReadError } from '../../errors.ts';
import { detectEncoding } from './encoding.ts';
import { type Item, problem, type ReadOptions } from './item.ts';

const TEXT_FILE = /\.(?:txt|text)$/i;

/** Files below `folder`, relative to it, in a fixed order. */
async function* walk(root: string, folder: string): AsyncGenerator<string> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* walk(root, path);
    else yield path;
  }
}

/** Columns `text`, `class` (the folder's name), `path` (below the root) and `name` (the path without its ending). */
export async function* readFolder(root: string, options: ReadOptions): AsyncGenerator<Item> {
  yield { kind: 'columns', names: ['text', 'class', 'path', 'name'] };
  let row = 0;
  for await (const path of walk(root, '')) {
    row += 1;
    const place = { row, file: join(root, path) };
    if (!TEXT_FILE.test(path)) {
      yield problem('import-invalid', 'is no .txt file', place);
      continue;
    }
    if (!path.includes('/')) {
      yield problem('import-invalid', 'lies in no class folder', place);
      continue;
    }
    const bytes = await readFile(join(root, path)).catch((error: unknown) => {
      throw describeReadError(error, join(root, path));
    });
    options.onBytes?.(bytes.length);
    const encoding = options.encoding ?? detectEncoding(bytes, true);
    if (encoding === undefined) {
      yield problem('utf8-invalid', 'is neither UTF-8, UTF-16 nor Windows-1256', place);
      continue;
    }
    let text: string;
    try {
      text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
      yield problem('utf8-invalid', `is not valid ${encoding} throughout (mixed encodings or damage)`, place);
      continue;
    }
    const fields = { text: text.trim(), class: path.split('/')[0], path, name: path.replace(TEXT_FILE, '') };
    yield { kind: 'row', ...place, fields };
  }
}
