/** `GET /info`: what answers here, and within which limits. */

import type { z } from 'zod';
import type { Pipeline } from '../classifier/pipeline.ts';
import type { Config } from '../config.ts';
import { runtimeVersions } from '../versions.ts';
import type { infoSchema } from './schemas.ts';

export function describeService(
  { classifier, manifest, encoder, backend }: Pipeline,
  config: Config,
): z.output<typeof infoSchema> {
  const { taxonomy, training } = manifest;
  return {
    model: classifier.id,
    encoder: { ...encoder.identity },
    heads: taxonomy.heads.map(({ id, kind, name, labels }, i) => ({
      id,
      kind,
      name,
      labels: labels.map((label, k) => ({
        id: label.id,
        name: label.name,
        ...(kind === 'multi-label' ? { threshold: manifest.heads[i]!.thresholds[k]! } : {}),
      })),
    })),
    training: { data: training.data, articles: training.articles },
    limits: {
      bodyBytes: config.bodyLimit,
      texts: config.maxTexts,
      tokens: encoder.identity.maxTokens,
      queueTexts: config.queueTexts,
      queueTokens: config.queueTokens,
    },
    backend,
    features: { explain: true },
    versions: runtimeVersions(),
  };
}
