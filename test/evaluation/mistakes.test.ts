import { describe, expect, it } from 'vitest';
import { encodeTargets } from '../../src/classifier/targets.ts';
import type { Article } from '../../src/dataset/article.ts';
import { confidentMistakes, type Explain, explainMistakes } from '../../src/evaluation/mistakes.ts';
import { toyTaxonomy } from '../classifier/toy.ts';

const articles: Article[] = [
  { id: 'a', title: 'عنوان', text: 'نص أول', labels: { topics: ['sea'], mood: 'calm' } },
  { id: 'b', text: 'نص ثان', labels: { topics: ['sky'], mood: 'calm' } },
  { id: 'c', text: 'نص ثالث', labels: { topics: ['land'] } },
];
const [topics, mood] = encodeTargets(articles, toyTaxonomy);

describe('confidentMistakes', () => {
  it('lists labels given wrongly, the surest first, then labels missed', () => {
    const probabilities = Float32Array.of(0.5, 0.75, 0, 0.875, 0.25, 0, 0, 0, 1);
    const decisions = Uint8Array.of(1, 1, 0, 1, 0, 0, 0, 0, 1);

    const mistakes = confidentMistakes(probabilities, decisions, topics!, articles);

    expect(mistakes.map(({ id, label, kind, probability }) => [id, label, kind, probability])).toEqual([
      ['b', 'sea', 'false-positive', 0.875],
      ['a', 'sky', 'false-positive', 0.75],
      ['b', 'sky', 'false-negative', 0.25],
    ]);
    expect(mistakes[1]).toMatchObject({ text: 'عنوان\nنص أول', actual: ['sea'], decided: ['sea', 'sky'] });
  });

  it('lists a one-of head’s mistake once, and no record that does not know the head', () => {
    const probabilities = Float32Array.of(0.25, 0.75, 1, 0, 0, 1);
    const decisions = Uint8Array.of(0, 1, 1, 0, 0, 1);

    expect(confidentMistakes(probabilities, decisions, mood!, articles)).toEqual([
      expect.objectContaining({ id: 'a', label: 'storm', kind: 'false-positive', actual: ['calm'] }),
    ]);
  });
});

describe('explainMistakes', () => {
  it('adds the sentences, with their effect on the label that was mistaken', async () => {
    const sentences = [
      { text: 'نص ', start: 0, end: 3 },
      { text: 'ثان', start: 3, end: 6 },
    ];
    // Of each head a row per label: sea, sky and land; calm and storm.
    const effects = [Float32Array.of(0.5, 0.25, -0.5, -0.25, 0, 0), new Float32Array(4)];
    const explain: Explain = async (texts) => texts.map(() => ({ sentences, effects }));
    const mistakes = confidentMistakes(
      Float32Array.of(0.5, 0, 0, 0.5, 0.25, 0, 0, 0, 1),
      Uint8Array.of(1, 0, 0, 1, 0, 0, 0, 0, 1),
      topics!,
      articles,
    );

    const explained = await explainMistakes('topics', mistakes, toyTaxonomy, explain);

    expect(explained.map(({ label, sentences: own }) => [label, own!.map(({ effect }) => effect)])).toEqual([
      ['sea', [0.5, 0.25]],
      ['sky', [-0.5, -0.25]],
    ]);
    expect(explained[0]!.sentences![1]).toMatchObject(sentences[1]!);
  });

  it('asks for nothing where there is no mistake', async () => {
    const explain: Explain = () => Promise.reject(new Error('asked'));

    expect(await explainMistakes('topics', [], toyTaxonomy, explain)).toEqual([]);
  });
});
