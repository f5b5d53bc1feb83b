import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explainTexts, MOST_PIECES } from '../../src/classifier/explain.ts';
import { openPipeline, type Pipeline } from '../../src/classifier/pipeline.ts';
import { loadConfig } from '../../src/config.ts';
import { BACKGROUNDS, PLANTS } from '../fixtures/planted.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await openPipeline(loadConfig({}, {}));
});
afterAll(() => pipeline.close());

const explain = async (text: string) => (await explainTexts([text], pipeline))[0]!;

describe('explainTexts', () => {
  it('ranks the sentence that carries a label first in at least nine of ten planted cases', async () => {
    const { id, labels } = pipeline.manifest.taxonomy.heads[0]!;
    expect(id).toBe('topics');
    const cases = Object.entries(PLANTS).flatMap(([label, plant], i) =>
      Object.entries(BACKGROUNDS)
        .filter(([topic]) => topic !== label)
        .map(([, background]) => {
          const at = i % (background.length + 1);
          return {
            label: labels.findIndex((own) => own.id === label),
            at,
            text: background.toSpliced(at, 0, plant).join(' '),
          };
        }),
    );

    const explanations = await explainTexts(
      cases.map(({ text }) => text),
      pipeline,
    );

    const wrong = explanations.flatMap(({ sentences, effects }, i) => {
      const { label, at, text } = cases[i]!;
      const own = effects[0]!.subarray(label * sentences.length, (label + 1) * sentences.length);
      const best = own.indexOf(Math.max(...own));
      const { start, end } = sentences[best]!;
      return best === at ? [] : [`${labels[label]!.id}: ${text.slice(start, end)}`];
    });
    expect(cases.length).toBeGreaterThan(50);
    expect(wrong.length / cases.length, wrong.join('\n')).toBeLessThanOrEqual(0.1);
  });

  it('covers the text, and gives an effect for every label and sentence', async () => {
    const text = BACKGROUNDS.sports!.join(' ');

    const { sentences, effects } = await explain(text);

    expect(sentences.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text);
    expect(sentences).toHaveLength(5);
    expect(effects.map(({ length }) => length)).toEqual(
      pipeline.manifest.taxonomy.heads.map(({ labels }) => labels.length * 5),
    );
    for (const effect of effects.flatMap((own) => [...own])) expect(Math.abs(effect)).toBeLessThanOrEqual(1);
  });

  it('gives one-of effects that cancel out over the labels', async () => {
    const { sentences, effects } = await explain(BACKGROUNDS.economy!.join(' '));

    const n = sentences.length;
    for (let s = 0; s < n; s++) {
      const sum = effects[1]!.reduce((total, effect, at) => (at % n === s ? total + effect : total), 0);
      expect(sum).toBeCloseTo(0, 5);
    }
  });

  it('explains a text of one sentence, and several texts as it does each alone', async () => {
    const [one, five] = [PLANTS.sports!, BACKGROUNDS.culture!.join(' ')];

    const together = await explainTexts([one, five], pipeline);

    expect(together[0]!.sentences).toEqual([{ start: 0, end: one.length, text: one }]);
    expect(together).toEqual([await explain(one), await explain(five)]);
  });

  it('takes the sentences of a long text together', async () => {
    const text = Array.from({ length: 150 }, (_, i) => `جملة رقم ${i} عن السوق.`).join(' ');

    const { sentences } = await explain(text);

    expect(sentences.length).toBeLessThanOrEqual(MOST_PIECES);
    expect(sentences.at(-1)!.end).toBe(text.length);
  });
});
