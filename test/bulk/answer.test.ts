import { beforeAll, describe, expect, it } from 'vitest';
import { answerWithLabels, answerWithVectors } from '../../src/bulk/answer.ts';
import type { Block } from '../../src/bulk/block.ts';
import { type Classifier, openClassifier } from '../../src/classifier/classifier.ts';
import type { Encoder } from '../../src/encoder/encoder.ts';
import { RasidError } from '../../src/errors.ts';
import { toyBundle, toyBundleWorld, toyEncoder, trainToy } from '../classifier/toy-bundle.ts';
import { fakeEncoder } from '../encoder/fake.ts';

const COLUMNS = { text: 'text', title: 'title' };
const block = (texts: unknown[]): Block => ({
  index: 7,
  rows: texts.map((text, i) => ({ file: 'a', line: i + 1, columns: { text } })),
});

/** An encoder whose workers die of some texts; counts how often it was asked. */
function dyingEncoder(isPoison: (text: string) => boolean): Encoder & { calls: number } {
  const inner = fakeEncoder(toyEncoder);
  const own = {
    ...inner,
    calls: 0,
    async encode(texts: readonly string[]) {
      own.calls += 1;
      if (texts.some(isPoison)) throw new RasidError('worker-failed', 'an encoder worker stopped');
      return inner.encode(texts);
    },
  };
  return own;
}

let classifier: Classifier;
beforeAll(async () => {
  const trained = await trainToy();
  classifier = openClassifier({ ...toyBundle(trained), id: 'toy' }, toyEncoder);
});
const texts = toyBundleWorld.articles.map(({ text }) => text);

describe('answerWithLabels', () => {
  it('answers each row as the classifier does, with reasons for rows without text in their places', async () => {
    const encoder = fakeEncoder(toyEncoder);
    const mixed = [...texts.slice(0, 70), null, ...texts.slice(70, 100), '😀'];

    const { index, model, outcomes } = await answerWithLabels({ classifier, encoder }, COLUMNS)(block(mixed));

    expect([index, model, outcomes.length]).toEqual([7, 'toy', mixed.length]);
    expect(outcomes[70]).toMatchObject({ code: 'data-invalid' });
    expect(outcomes[101]).toMatchObject({ code: 'text-unreadable' });
    const good = texts.slice(0, 100);
    const { vectors, tokens } = await encoder.encode(good);
    const expected = classifier.classify(classifier.features(good, vectors));
    const answers = outcomes.flatMap((outcome) => ('prediction' in outcome ? [outcome.prediction] : []));
    expect(answers.map(({ heads }) => heads.topics!.accepted.map(({ id }) => id))).toEqual(
      expected.map(({ heads }) => heads.topics!.accepted.map(({ id }) => id)),
    );
    expect(answers.map((answer) => answer.tokens)).toEqual(tokens);
  });

  it('gives the same block the same answers to the bit, whatever else is under way', async () => {
    const answer = answerWithLabels({ classifier, encoder: fakeEncoder(toyEncoder) }, COLUMNS);
    const alone = await answer(block(texts));
    const [, among] = await Promise.all([
      answer(block(texts.slice(3, 50))),
      answer(block(texts)),
      answer(block(['x'])),
    ]);
    expect(among).toEqual(alone);
  });
});

describe('blocks under way at the same time', () => {
  it('are encoded one after the other, the next from when the last texts of the one before are taken', async () => {
    const log: string[] = [];
    const inner = fakeEncoder(toyEncoder);
    // One worker, which takes 32 texts at once.
    const encoder: Encoder = {
      ...inner,
      async encode(texts, options) {
        log.push(`begins ${texts[0]}`);
        for (let done = 32; done <= texts.length; done += 32) {
          await new Promise((resolve) => setTimeout(resolve, 2));
          log.push(`${texts[0]} ${done}`);
          options?.onProgress?.(done, texts.length);
        }
        return inner.encode(texts);
      },
    };
    const answer = answerWithVectors(encoder, COLUMNS);
    const texts = (name: string) => Array.from({ length: 96 }, () => name);

    await Promise.all([answer(block(texts('a'))), answer(block(texts('b'))), answer(block(texts('c')))]);

    // Of the 96 texts the last 32 are taken when 64 are done.
    expect(log.indexOf('begins b')).toBe(log.indexOf('a 64') + 1);
    expect(log.indexOf('begins c')).toBeGreaterThan(log.indexOf('b 64'));
    expect(log.filter((line) => line.startsWith('begins'))).toEqual(['begins a', 'begins b', 'begins c']);
  });
});

describe('a text that the encoder dies of', () => {
  it('fails alone', async () => {
    const encoder = dyingEncoder((text) => text.includes('poison'));
    const mixed = texts.slice(0, 40).map((text, i) => (i === 17 ? 'poison' : text));

    const { outcomes } = await answerWithVectors(encoder, COLUMNS)(block(mixed));

    expect(outcomes[17]).toMatchObject({ code: 'worker-failed' });
    const { vectors } = await fakeEncoder(toyEncoder).encode(mixed);
    for (const [i, outcome] of outcomes.entries())
      if (i !== 17) expect(outcome).toMatchObject({ vector: vectors.slice(i * 8, (i + 1) * 8) });
    // One path of halves: 40 → 20 → 10 → 5 → 3 → 2 → 1, two calls at each step at most.
    expect(encoder.calls).toBeLessThan(20);
  });

  it('is answered where the encoder dies but once', async () => {
    let deaths = 0;
    const encoder = dyingEncoder(() => deaths++ === 0);
    const { outcomes } = await answerWithVectors(encoder, COLUMNS)(block(['واحد']));
    expect(outcomes[0]).toHaveProperty('vector');
  });

  it('does not turn a whole block into rejects: where the encoder dies of all, the block fails', async () => {
    const answer = answerWithVectors(
      dyingEncoder(() => true),
      COLUMNS,
    );
    await expect(answer(block(texts))).rejects.toMatchObject({ code: 'worker-failed' });
  });

  it('is none where the run was called off', async () => {
    const controller = new AbortController();
    const encoder = dyingEncoder(() => {
      controller.abort(new Error('called off'));
      return true;
    });
    await expect(answerWithVectors(encoder, COLUMNS, controller.signal)(block(texts))).rejects.toThrow(
      'called off',
    );
  });
});
