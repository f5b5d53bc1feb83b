import { describe, expect, it } from 'vitest';
import { slicesOf } from '../../src/evaluation/slices.ts';

describe('slicesOf', () => {
  it('names the length and what the article tells of itself', () => {
    const article = { id: 'a', text: 'كلمة '.repeat(61).trim(), language: 'ar', genre: 'brief' };

    expect(slicesOf(article)).toEqual(['length: 60 to 200 words', 'language: ar', 'genre: brief']);
  });
});
