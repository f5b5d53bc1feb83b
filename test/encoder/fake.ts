/** An encoder without a model, for tests of what stands on top of one. */

import { createHash } from 'node:crypto';
import type { Encoder } from '../../src/encoder/encoder.ts';
import type { EncoderIdentity } from '../../src/encoder/identity.ts';

export function fakeIdentity(changes: Partial<EncoderIdentity> = {}): EncoderIdentity {
  const hash = '0'.repeat(64);
  const identity = {
    name: 'fake',
    dim: 8,
    weights: hash,
    tokenizer: hash,
    prefix: '',
    pooling: 'mean' as const,
  };
  return { ...identity, windowTokens: 256, maxTokens: 4_096, ...changes };
}

/** Unit vectors derived from the sha256 of each text; counts the texts it was asked for. */
export function fakeEncoder(identity = fakeIdentity()): Encoder & { asked: string[] } {
  const asked: string[] = [];
  const vector = (text: string) => {
    const bytes = createHash('sha256').update(text).digest();
    const raw = Array.from({ length: identity.dim }, (_, d) => bytes[d]! - 127.5);
    const norm = Math.hypot(...raw);
    return raw.map((x) => x / norm);
  };
  return {
    identity,
    workers: 1,
    asked,
    async encode(texts, options) {
      asked.push(...texts);
      options?.onProgress?.(texts.length, texts.length);
      return {
        vectors: Float32Array.from(texts.flatMap(vector)),
        tokens: texts.map((text) => text.length),
        truncated: texts.map((text) => text.length > 100),
        windows: texts.map(() => 1),
      };
    },
    close: async () => {},
  };
}
