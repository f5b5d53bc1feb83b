import { describe, expect, it } from 'vitest';
import { encodeTargets } from '../../src/classifier/targets.ts';
import { decideBaselines } from '../../src/evaluation/baselines.ts';
import { scoreHead } from '../../src/evaluation/metrics.ts';
import { toyTaxonomy, toyWorld } from '../classifier/toy.ts';

const { articles } = toyWorld(120, 3);
const texts = articles.map(({ text }) => text);
const targets = encodeTargets(articles, toyTaxonomy);

describe('decideBaselines', () => {
  it('gives every text the most frequent label', async () => {
    const told: string[] = [];
    const baselines = await decideBaselines({ texts, targets }, texts, (name) => told.push(name));
    const [majority] = baselines;
    const calm = articles.filter(({ labels }) => labels!.mood === 'calm').length;
    const score = scoreHead(majority!.decisions[1]!, targets[1]!, texts.keys());

    expect(majority!.name).toBe('majority');
    expect(told).toEqual(baselines.map(({ name }) => name));
    expect(score.accuracy).toBeCloseTo(Math.max(calm, texts.length - calm) / texts.length, 12);
  });

  it('finds rare labels too: its thresholds are tuned, as the classifier’s are', async () => {
    // One text in ten carries `land`, and says so among much else.
    const rare = articles.map(({ text }, i) => ({
      text: text.replaceAll('land', i % 10 === 0 ? 'land' : ''),
      labels: { topics: i % 10 === 0 ? ['land'] : ['sea'], mood: 'calm' },
    }));
    const own = encodeTargets(rare, toyTaxonomy);
    const input = { texts: rare.map(({ text }) => text), targets: own };

    const [, regression] = await decideBaselines(input, input.texts);

    expect(scoreHead(regression!.decisions[0]!, own[0]!, rare.keys()).labels[2]!.recall).toBe(1);
  });

  it('leaves out a head that no training text knows, and learns a head of one class', async () => {
    const oneClass = articles.map(() => ({ labels: { topics: ['sky'] } }));
    const input = { texts, targets: encodeTargets(oneClass, toyTaxonomy) };

    for (const { decisions } of await decideBaselines(input, texts)) {
      expect(decisions[1]).toBeUndefined();
      expect(scoreHead(decisions[0]!, input.targets[0]!, texts.keys()).accuracy).toBe(1);
    }
  });
});
