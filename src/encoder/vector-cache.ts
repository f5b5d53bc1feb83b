/** The vectors of texts seen lately, in memory, least recently used out first. One cache may serve several encoders of one dimension. */

import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { type EncoderIdentity, identityKey } from './identity.ts';

/** What an encoder says of one text. */
export interface EncodedText {
  /** Unit vector [dim]. */
  vector: Float32Array;
  tokens: number;
  truncated: boolean;
  windows: number;
}

export interface VectorCache {
  get(key: string): EncodedText | undefined;
  set(key: string, value: EncodedText): void;
}

/** Vectors in one array. */
const BLOCK_ROWS = 1_024;

/**
 * The vectors lie in rows of few large arrays: an array for each would take twice the memory, and leave it in pieces.
 * @param texts Texts kept; 0: none. A vector of another dimension, from another encoder, empties the cache.
 */
export function createVectorCache(texts: number): VectorCache {
  if (texts === 0) return { get: () => undefined, set: () => {} };
  /** Where the vectors are; the rows in use are 0 … size − 1. */
  const kept = new LRUCache<string, Omit<EncodedText, 'vector'> & { row: number }>({ max: texts });
  let blocks: Float32Array[] = [];
  let dim = 0;
  const place = (row: number) => {
    const begin = (row % BLOCK_ROWS) * dim;
    return blocks[Math.floor(row / BLOCK_ROWS)]!.subarray(begin, begin + dim);
  };
  return {
    get(key) {
      const found = kept.get(key);
      if (found === undefined) return undefined;
      const { row, ...rest } = found;
      return { ...rest, vector: place(row).slice() };
    },
    set(key, { vector, ...rest }) {
      if (vector.length !== dim) {
        kept.clear();
        blocks = [];
        dim = vector.length;
      }
      const replaced = kept.get(key) ?? (kept.size === texts ? kept.pop() : undefined);
      const row = replaced?.row ?? kept.size;
      if (row === blocks.length * BLOCK_ROWS)
        blocks.push(new Float32Array(Math.min(BLOCK_ROWS, texts - row) * dim));
      place(row).set(vector);
      kept.set(key, { ...rest, row });
    },
  };
}

/** A function that names a text under one encoder: equal keys mean equal vectors. */
export function cacheKey(identity: EncoderIdentity): (text: string) => string {
  const prefix = identityKey(identity);
  return (text) => prefix + createHash('sha256').update(text).digest('base64');
}
