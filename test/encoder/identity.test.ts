import { describe, expect, it } from 'vitest';
import { identityKey } from '../../src/encoder/identity.ts';
import { fakeIdentity } from './fake.ts';

describe('identityKey', () => {
  it.each([
    { weights: '1'.repeat(64) },
    { tokenizer: '1'.repeat(64) },
    { prefix: 'query: ' },
    { pooling: 'cls' as const },
    { windowTokens: 128 },
    { maxTokens: 512 },
    { dim: 16 },
  ])('differs where vectors may: %o', (change) => {
    expect(identityKey(fakeIdentity(change))).not.toBe(identityKey(fakeIdentity()));
  });

  it('is blind to the name', () => {
    expect(identityKey(fakeIdentity({ name: 'elsewhere' }))).toBe(identityKey(fakeIdentity()));
  });
});
