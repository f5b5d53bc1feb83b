import { describe, expect, it } from 'vitest';
import { guessLanguage, scriptShares } from '../../src/text/language.ts';

describe('guessLanguage', () => {
  it.each([
    ['ar', 'أعلنت الحكومة اليوم عن خطة جديدة لدعم المزارعين في المحافظات الجنوبية'],
    ['ckb', 'حکومەتی هەرێم ڕایگەیاند کە پرۆژەیەکی نوێ بۆ پشتگیری جووتیاران دەست پێدەکات'],
    ['fa', 'دولت امروز از برنامه‌ای تازه برای پشتیبانی از کشاورزان در استان‌های جنوبی خبر داد که چند گام دارد'],
    ['ur', 'حکومت نے آج کسانوں کی مدد کے لیے ایک نئے منصوبے کا اعلان کیا ہے'],
    ['en', 'The government announced a new plan to support farmers in the south of the country'],
    ['fr', 'Le gouvernement a annoncé un nouveau plan pour aider les agriculteurs dans le sud du pays'],
    ['tr', 'Hükümet güneydeki çiftçileri desteklemek için yeni bir plan açıkladı ve çalışmalar başladı'],
    ['kmr', 'Hikûmetê îro ji bo piştgiriya cotkaran li başûr plana nû ya xwe ragihand'],
  ])('finds %s', (language, text) => {
    const guess = guessLanguage(text);
    expect(guess.language).toBe(language);
    expect(guess.share).toBeGreaterThan(0.9);
  });

  it.each(['', '123 !!', '🙂🙂'])('does not guess about %j', (text) => {
    expect(guessLanguage(text)).toEqual({ language: 'und', share: 0 });
  });

  it('gives the share of the script it went by', () => {
    // Six Arabic letters and two Latin ones.
    expect(guessLanguage('كتاب في ab')).toEqual({ language: 'ar', share: 6 / 8 });
  });
});

describe('scriptShares', () => {
  it('adds up to one', () => {
    const shares = scriptShares('نص text текст 文');
    expect([...shares.values()].reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(shares.get('Han')).toBeCloseTo(1 / 12, 12);
  });
});
