/** A small trained classifier for tests of bundles. */

import { useBackend } from '../../src/classifier/backend.ts';
import type { Manifest, saveBundle } from '../../src/classifier/bundle.ts';
import { type Trained, trainClassifier } from '../../src/classifier/train.ts';
import { fakeIdentity } from '../encoder/fake.ts';
import { TOY_DIM, toyTaxonomy, toyWorld } from './toy.ts';

export const toyEncoder = fakeIdentity({ dim: TOY_DIM });
export const toyBundleWorld = toyWorld(120, 1);

export async function trainToy(seed = 1): Promise<Trained> {
  await useBackend('wasm');
  return trainClassifier({
    ...toyBundleWorld,
    encoder: toyEncoder,
    taxonomy: toyTaxonomy,
    seed,
    ngrams: true,
    options: { maxEpochs: 4 },
  });
}

export function toyBundle(
  trained: Trained,
  training: Partial<Manifest['training']> = {},
): Parameters<typeof saveBundle>[1] {
  const manifest: Omit<Manifest, 'files' | 'format'> = {
    taxonomy: toyTaxonomy,
    encoder: toyEncoder,
    heads: trained.heads,
    minimumSimilarity: trained.minimumSimilarity,
    ngrams: trained.ngrams,
    training: {
      data: 'a'.repeat(64),
      articles: trained.counts,
      heldOut: trained.heldOut,
      options: {},
      bestEpoch: trained.bestEpoch,
      backend: 'wasm',
      versions: {},
      ...training,
    },
  };
  return { ...trained, manifest };
}
