import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalise, normalisedWords } from '../../src/text/normalise.ts';

describe('normalise', () => {
  it.each([
    ['tashkeel', 'مُحَمَّدٌ', 'محمد'],
    ['superscript alef', 'هٰذا', 'هذا'],
    ['tatweel', 'كـــتاب', 'كتاب'],
    ['alef forms', 'أإآٱا', 'ااااا'],
    ['alef maqsura', 'على', 'علي'],
    ['teh marbuta', 'مدرسة', 'مدرسه'],
    ['presentation forms', 'ﻻ', 'لا'],
    ['zero-width and bidi controls', '\u202bنص\u200c\u200f \u2067آخر\u2069\u202c\ufeff', 'نص اخر'],
    ['capital letters and full-width digits', 'UNESCO １２', 'unesco 12'],
  ])('folds %s', (_, text, expected) => {
    expect(normalise(text)).toBe(expected);
  });

  it('changes a normalised text no more', () => {
    const text = fc.string({ unit: fc.constantFrom(...'أإآٱىةکیـ\u064b\u0670\u200dabcÄ１ .') });
    fc.assert(
      fc.property(text, (value) => {
        expect(normalise(normalise(value))).toBe(normalise(value));
      }),
    );
  });

  // The tokenizer's own rules, read from its file and applied one by one: an independent statement of the same thing.
  const path = 'models/encoder/tokenizer.json';
  it.skipIf(!existsSync(path))('does what the encoder’s tokenizer does', () => {
    type Rule = { type: string; pattern: { Regex: string }; content: string };
    const { normalizer } = JSON.parse(readFileSync(path, 'utf8')) as { normalizer: { normalizers: Rule[] } };
    const apply = (text: string) =>
      normalizer.normalizers.reduce((value, rule) => {
        if (rule.type === 'NFKC') return value.normalize('NFKC');
        if (rule.type === 'Lowercase') return value.toLowerCase();
        return value.replace(new RegExp(rule.pattern.Regex, 'gu'), rule.content);
      }, text);
    const arabic = fc.integer({ min: 0x0600, max: 0x06ff }).map((point) => String.fromCodePoint(point));
    const control = fc.integer({ min: 0x2000, max: 0x206f }).map((point) => String.fromCodePoint(point));
    const unit = fc.oneof(arabic, control, fc.constantFrom(...'\ufeffAzÉ１ﷺﻻ'));
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        expect(normalise(text)).toBe(apply(text));
      }),
    );
  });
});

describe('normalisedWords', () => {
  it('gives words and numbers without punctuation', () => {
    expect(normalisedWords('قال: «إنّ 25% مِن الأسعار ارتفعت»!')).toEqual([
      'قال',
      'ان',
      '25',
      'من',
      'الاسعار',
      'ارتفعت',
    ]);
  });

  it('gives nothing for a text without letters', () => {
    expect(normalisedWords('… 🙂 !')).toEqual([]);
  });
});
