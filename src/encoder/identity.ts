/** What must be equal for two vectors to be comparable. */

import { createHash } from 'node:crypto';

export interface EncoderSettings {
  /** Put before every window, e.g. `query: ` for e5 models. */
  prefix: string;
  pooling: 'mean' | 'cls';
  /** Longest window, tokens, special tokens included. */
  windowTokens: number;
  /** Tokens read of one text; the rest is cut. */
  maxTokens: number;
}

export interface EncoderIdentity extends EncoderSettings {
  /** The folder's or hub's name; says nothing about equality. */
  name: string;
  /** Length of a vector. */
  dim: number;
  /** sha256 of the ONNX file. */
  weights: string;
  /** sha256 of tokenizer.json. */
  tokenizer: string;
}

/** A short key that differs whenever vectors may. The name is not part of it. */
export function identityKey(identity: EncoderIdentity): string {
  const { weights, tokenizer, prefix, pooling, windowTokens, maxTokens, dim } = identity;
  const parts = [weights, tokenizer, prefix, pooling, windowTokens, maxTokens, dim];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}
