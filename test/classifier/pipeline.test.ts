import { describe, expect, it } from 'vitest';
import { writeAnswer } from '../../src/classifier/answer.ts';
import { type Answer, checkReadable, openPipeline, type Pipeline } from '../../src/classifier/pipeline.ts';
import { loadConfig } from '../../src/config.ts';
import { toyTaxonomy } from './toy.ts';

describe('checkReadable', () => {
  it.each([
    ['', 'nothing to read'],
    ['😀 !', 'nothing to read'],
    ['نص \ud800', 'lone surrogate'],
  ])('refuses %j and names its place', (text, reason) => {
    expect(() => checkReadable(['نص', text])).toThrow(`text 2: holds`);
    expect(() => checkReadable([text])).toThrow(reason);
  });
});

describe('writeAnswer', () => {
  it('adds names, rounds scores to four decimals, and gives one label for a one-of head', () => {
    const label = (id: string, score: number) => ({ id, score });
    const answer: Answer = {
      heads: {
        topics: {
          accepted: [label('sky', 0.912345)],
          scores: [label('sea', 0.1), label('sky', 0.912345), label('land', 0)],
        },
        mood: { accepted: [label('calm', 0.75)], scores: [label('calm', 0.75), label('storm', 0.25)] },
      },
      abstains: false,
      reasons: [],
      similarity: 0.9,
      tokens: 12,
      truncated: false,
      html: false,
    };
    const classifier = { taxonomy: toyTaxonomy, id: 'abc' } as Pipeline['classifier'];

    expect(writeAnswer(answer, { classifier })).toEqual({
      heads: {
        topics: {
          accepted: [{ id: 'sky', name: { ar: 'sky', en: 'sky' }, score: 0.9123 }],
          scores: { sea: 0.1, sky: 0.9123, land: 0 },
        },
        mood: {
          accepted: { id: 'calm', name: { ar: 'calm', en: 'calm' }, score: 0.75 },
          scores: { calm: 0.75, storm: 0.25 },
        },
      },
      abstains: false,
      reasons: [],
      tokens: 12,
      truncated: false,
      html: false,
      model: 'abc',
    });
  });
});

describe('openPipeline', () => {
  it('says of a 5 MB text how much was read, and of HTML that it is HTML', async () => {
    const pipeline = await openPipeline(loadConfig({ workers: '1' }, {}));
    const long = 'انتهت المباراة بفوز الفريق. '.repeat(110_000);

    const [first, second] = await pipeline.classify([long, '<p>انتهت المباراة</p>']);
    await pipeline.close();

    expect(Buffer.byteLength(long)).toBeGreaterThan(5_000_000);
    expect(first).toMatchObject({ truncated: true, html: false });
    expect(first!.tokens).toBeGreaterThan(4_096);
    expect(second).toMatchObject({ truncated: false, html: true });
  });

  it('says that there is no trained classifier', async () => {
    const config = loadConfig({ workers: '1', modelFolder: 'models/nothing' }, {});

    await expect(openPipeline(config)).rejects.toMatchObject({ code: 'bundle-missing' });
  });
});
