import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitSentences } from '../../src/text/sentences.ts';

const sentences = (text: string) =>
  splitSentences(text).map(({ start, end }) => text.slice(start, end).trim());

describe('splitSentences', () => {
  it.each([
    [
      'Arabic marks',
      'هل وصل الوفد؟ نعم! غادر أمس؛ ثم عاد.',
      ['هل وصل الوفد؟', 'نعم!', 'غادر أمس؛', 'ثم عاد.'],
    ],
    ['line breaks', 'عنوان الخبر\nنص الخبر\r\n\r\nخاتمة', ['عنوان الخبر', 'نص الخبر', 'خاتمة']],
    ['an ellipsis', 'انتظر طويلا… ثم مضى... وانتهى', ['انتظر طويلا…', 'ثم مضى...', 'وانتهى']],
    ['closing quotes', 'قال: «انتهى العمل.» ثم غادر.', ['قال: «انتهى العمل.»', 'ثم غادر.']],
    ['a missing space', 'انتهى الاجتماع.وقال الوزير كلمته', ['انتهى الاجتماع.', 'وقال الوزير كلمته']],
    [
      'English',
      'The talks failed. "We tried," she said! Now?',
      ['The talks failed.', '"We tried," she said!', 'Now?'],
    ],
  ])('splits at %s', (_, text, expected) => {
    expect(sentences(text)).toEqual(expected);
  });

  it.each([
    ['decimal numbers', 'ارتفع المؤشر 3.5 في المئة إلى 1.204.3 نقطة'],
    ['single letters', 'التقى د. سامي بالوفد و أ.د. ليلى'],
    ['initials', 'The U.S. Army and J. Smith met'],
    ['abbreviations', 'Dr. Salem met Mr. Noor vs. others'],
    ['addresses', 'راجع example.com/a?b=c و news@example.org للمزيد'],
    ['a lower-case word', 'It cost approx. five dinars'],
  ])('does not split at %s', (_, text) => {
    expect(sentences(text)).toEqual([text]);
  });

  it('has no sentence for an empty text, and one for a blank one', () => {
    expect(splitSentences('')).toEqual([]);
    expect(splitSentences(' \n ')).toEqual([{ start: 0, end: 3 }]);
  });

  it('covers any text without gap or overlap', () => {
    const unit = fc.constantFrom(...'اب.؟!…؛\n\r «»"a1A\u064b🙂');
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        const parts = splitSentences(text);
        expect(parts.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text);
        for (const { start, end } of parts) expect(end).toBeGreaterThan(start);
      }),
    );
  });

  it.each(['.', '\n', 'ا', ' ', '. ', '."'])('takes linear time on a long run of %j', (unit) => {
    const text = unit.repeat(1_000_000);
    const before = performance.now();
    const parts = splitSentences(text);
    expect(parts.at(-1)?.end).toBe(text.length);
    expect(performance.now() - before).toBeLessThan(10_000);
  });
});
