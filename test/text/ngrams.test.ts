import { describe, expect, it } from 'vitest';
import { createNgramCounter, type NgramOptions } from '../../src/text/ngrams.ts';

const options: NgramOptions = { words: [1, 2], characters: [2, 3], buckets: 2 ** 16 };
const count = createNgramCounter(options);

function totals(text: string) {
  const { columns, counts } = count(text);
  const sum = (keep: (bucket: number) => boolean) =>
    Array.from(columns).reduce((total, bucket, i) => total + (keep(bucket) ? counts[i]! : 0), 0);
  return { words: sum((b) => b < options.buckets / 2), characters: sum((b) => b >= options.buckets / 2) };
}

describe('createNgramCounter', () => {
  it('counts every n-gram of words and of characters within a word', () => {
    // Words: 3 of one, 2 of two. Characters: a padded word of n letters has n + 1 pairs and n triples.
    expect(totals('قمر في السماء')).toEqual({ words: 3 + 2, characters: 4 + 3 + (3 + 2) + (7 + 6) });
  });

  it('counts repeated n-grams in one bucket', () => {
    const { counts, columns } = createNgramCounter({ ...options, words: [1, 1], characters: [9, 9] })(
      'نعم نعم نعم',
    );

    expect([...counts]).toEqual([3]);
    expect(columns).toHaveLength(1);
  });

  it('tells the order of words apart', () => {
    expect([...count('ب ا').columns].sort()).not.toEqual([...count('ا ب').columns].sort());
  });

  it('does not tell spellings apart that normalisation folds', () => {
    expect(count('مُكافَحة الإرهاب')).toEqual(count('مكافحه الارهاب'));
  });

  it('starts each text anew', () => {
    const first = count('نص قصير');
    count('نص آخر أطول من الأول');

    expect(count('نص قصير')).toEqual(first);
  });

  it('finds nothing in a text of signs alone', () => {
    expect(count('… !؟').columns).toHaveLength(0);
  });
});

it.each(['ن', 'n', 'a1'])('counts a single word of a million letters (%s) within two seconds', (unit) => {
  const count = createNgramCounter({ words: [1, 2], characters: [2, 5], buckets: 2 ** 18 });
  const started = performance.now();

  count(unit.repeat(1_000_000 / unit.length));

  expect(performance.now() - started).toBeLessThan(2_000);
});
