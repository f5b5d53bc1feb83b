/** Vectors that a bulk run has written (`--embed`), for training: found again by the text that they are of. */

import { type Article, articleText } from '../dataset/article.ts';
import { detectFormat, FORMATS } from '../dataset/formats/formats.ts';
import { type EncoderIdentity, identityKey } from '../encoder/identity.ts';
import { RasidError } from '../errors.ts';
import { textDigest, VECTOR_COLUMNS } from './output/columns.ts';

const EMBED = 'Write it with `npm run bulk -- <data file> --embed --out <file>`.';

interface VectorRow {
  digest: string;
  encoder: string;
  vector: ArrayLike<number>;
}

function parseRow(place: string, fields: Record<string, unknown>): VectorRow {
  const { vector, encoder, digest } = VECTOR_COLUMNS;
  const missing = [vector, encoder, digest].find(
    (name) => fields[name] === undefined || fields[name] === null,
  );
  if (missing !== undefined)
    throw new RasidError('data-invalid', `${place}: has no ${missing}`, { hint: EMBED });
  const numbers = fields[vector];
  if (!Array.isArray(numbers) || !numbers.every((x) => typeof x === 'number'))
    throw new RasidError('data-invalid', `${place}: ${vector} is no list of numbers`, { hint: EMBED });
  return { vector: numbers, encoder: String(fields[encoder]), digest: String(fields[digest]) };
}

/**
 * One row per article: [n, dim]. Rows of other texts are passed over.
 * @throws RasidError `encoder-mismatch` where the vectors are of another encoder; `data-invalid` where the file is no such
 *   file, is damaged, or lacks the vector of an article; `file-unreadable`; `usage`.
 */
export async function readVectors(
  path: string,
  articles: readonly Article[],
  identity: EncoderIdentity,
): Promise<Float32Array> {
  const { dim } = identity;
  const key = identityKey(identity);
  const rowsOf = new Map<string, number[]>();
  for (const [row, article] of articles.entries()) {
    const digest = textDigest(articleText(article));
    const rows = rowsOf.get(digest);
    if (rows === undefined) rowsOf.set(digest, [row]);
    else rows.push(row);
  }
  const vectors = new Float32Array(articles.length * dim);
  for await (const item of FORMATS[await detectFormat(path)](path, {})) {
    if (item.kind === 'problem') {
      const place = item.row === undefined ? path : `${path}:${item.row}`;
      throw new RasidError(item.code, `${place}: ${item.reason}`);
    }
    if (item.kind !== 'row') continue;
    const place = `${path}:${item.row}`;
    const { digest, encoder, vector } = parseRow(place, item.fields);
    if (encoder !== key) {
      throw new RasidError(
        'encoder-mismatch',
        `${place}: is of encoder ${encoder}, not of ${identity.name} (${key})`,
        {
          hint: 'Embed the texts again with this encoder and these encoder settings.',
        },
      );
    }
    if (vector.length !== dim)
      throw new RasidError('data-invalid', `${place}: has ${vector.length} components, not ${dim}`);
    for (const row of rowsOf.get(digest) ?? []) vectors.set(vector, row * dim);
    rowsOf.delete(digest);
  }
  if (rowsOf.size > 0) {
    const first = articles[[...rowsOf.values()][0]![0]!]!;
    throw new RasidError(
      'data-invalid',
      `${path}: lacks the vectors of ${rowsOf.size} texts, first of article ${first.id}`,
      {
        hint: EMBED,
      },
    );
  }
  return vectors;
}
