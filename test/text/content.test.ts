import { describe, expect, it } from 'vitest';
import { arabicShare, isReadable, isWellFormed, looksLikeHtml } from '../../src/text/content.ts';

describe('isReadable', () => {
  it.each(['نص', 'a', '٣', '🙂 خبر', `${'ـ'.repeat(500)} نص`])('accepts %j', (text) => {
    expect(isReadable(text)).toBe(true);
  });

  it.each(['', '  \n', '🙂👍🏽', '\u064b\u064e\u0651', 'ـــ', '\u202b\u200f\ufeff', '…؟!'])(
    'refuses %j',
    (text) => {
      expect(isReadable(text)).toBe(false);
    },
  );
});

describe('isWellFormed', () => {
  it('tells a pair of surrogates from a lone one', () => {
    expect(isWellFormed('خبر 🙂')).toBe(true);
    expect(isWellFormed('خبر \ud83d')).toBe(false);
    expect(isWellFormed('\ude42 خبر')).toBe(false);
  });
});

describe('looksLikeHtml', () => {
  it.each(['<p dir="rtl">خبر</p>', '<!doctype html><html>', 'سطر<br/>سطر'])('recognises %j', (text) => {
    expect(looksLikeHtml(text)).toBe(true);
  });

  it.each(['5 < 7 و 8 > 3', '<<عاجل>>', 'email <a.b@example.org>'])('leaves %j alone', (text) => {
    expect(looksLikeHtml(text)).toBe(false);
  });

  it('takes linear time on tags that are never closed', () => {
    expect(looksLikeHtml('<p '.repeat(500_000))).toBe(false);
  });
});

describe('arabicShare', () => {
  it('counts letters only', () => {
    expect(arabicShare('خبر: abc 123')).toBe(3 / 6);
    expect(arabicShare('123')).toBe(0);
  });
});
