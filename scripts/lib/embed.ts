/** What several commands do: read the articles, embed them with a progress bar, say what the cache did. */

import type { Config } from '../../src/config.ts';
import { type Article, articleText } from '../../src/dataset/article.ts';
import type { CachedEncoder } from '../../src/encoder/cache.ts';
import type { Encoded } from '../../src/encoder/session.ts';
import { openCachedEncoder } from '../../src/encoder/settings.ts';
import { createProgress, type Progress } from './progress.ts';

/** Opens the cached encoder, with a bar while it is downloaded. */
export async function openEncoderWithProgress(
  config: Config,
  warn: (line: string) => void,
): Promise<CachedEncoder> {
  const bars = new Map<string, Progress>();
  const encoder = await openCachedEncoder(config, (file, received, total) => {
    const bar = bars.get(file) ?? createProgress(`downloading ${file}, bytes`);
    bars.set(file, bar);
    bar.update(received, total);
    if (received === total) bar.stop();
  });
  if (encoder.report.corrupt > 0) {
    warn(`${encoder.report.corrupt} damaged cache entries were dropped and are computed anew`);
  }
  return encoder;
}

/** Vectors of all articles. Says how many were cached and which were cut. */
export async function embedArticles(
  encoder: CachedEncoder,
  articles: readonly Article[],
  signal: AbortSignal,
  warn: (line: string) => void,
): Promise<Encoded> {
  const bar = createProgress('embedding, articles');
  const encoded = await encoder
    .encode(articles.map(articleText), { signal, onProgress: (done, total) => bar.update(done, total) })
    .finally(() => bar.stop());
  const cut = articles.filter((_, i) => encoded.truncated[i]).map(({ id }) => id);
  const { hits, computed } = encoder.report;
  warn(`embedded ${articles.length} articles: ${hits} from the cache, ${computed} computed`);
  if (cut.length > 0) {
    warn(
      `${cut.length} articles were cut at ${encoder.identity.maxTokens} tokens: ${cut.slice(0, 10).join(', ')}`,
    );
  }
  return encoded;
}
