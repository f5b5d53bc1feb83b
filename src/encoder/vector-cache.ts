/** The vectors of texts seen lately, in memory, least recently used out first. One cache may serve several encoders. */

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

/** @param texts Texts kept; 0: none. */
export function createVectorCache(texts: number): VectorCache {
  if (texts === 0) return { get: () => undefined, set: () => {} };
  return new LRUCache<string, EncodedText>({ max: texts });
}

/** A function that names a text under one encoder: equal keys mean equal vectors. */
export function cacheKey(identity: EncoderIdentity): (text: string) => string {
  const prefix = identityKey(identity);
  return (text) => prefix + createHash('sha256').update(text).digest('base64');
}
