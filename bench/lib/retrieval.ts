/** Retrieval of the Arabic sentence that translates an English one, among 200 (held-out NTREX sentences). */

import { createHash } from 'node:crypto';
import type { Encoder } from '../../src/encoder/encoder.ts';
import { seededRandom } from '../../src/random.ts';
import { readLines } from './labelled.ts';
import { type Estimate, singleEstimate } from './probe.ts';

const AMONG = 200;

/** The quarter of the NTREX rows that pretraining never reads (`held_out` in pretraining/rasid_pretraining/corpus.py). */
const heldOut = (id: string) =>
  id.startsWith('ntrex') && createHash('sha256').update(id).digest()[31]! % 4 === 0;

/** Every held-out English sentence against its translation and 199 other held-out Arabic sentences. */
export async function measureRetrieval(
  encoder: Encoder,
  path: string,
): Promise<{ accuracy: Estimate; pairs: number }> {
  const english: string[] = [];
  const arabic: string[] = [];
  for await (const { id, text } of readLines(path)) {
    const { en, ar } = text as Record<string, string | undefined>;
    if (!heldOut(id as string) || !en || !ar) continue;
    english.push(en);
    arabic.push(ar);
  }
  const { dim } = encoder.identity;
  const queries = (await encoder.encode(english)).vectors;
  const candidates = (await encoder.encode(arabic)).vectors;
  const cosine = (i: number, j: number) => {
    let sum = 0;
    for (let d = 0; d < dim; d++) sum += queries[i * dim + d]! * candidates[j * dim + d]!;
    return sum;
  };
  const random = seededRandom(1);
  const rows = english.map((_, i) => i);
  const hits = rows.filter((i) => {
    const others = random.shuffle(rows.filter((j) => j !== i)).slice(0, AMONG - 1);
    const own = cosine(i, i);
    return others.every((j) => cosine(i, j) < own);
  }).length;
  return { accuracy: singleEstimate(hits / rows.length, rows.length), pairs: rows.length };
}
