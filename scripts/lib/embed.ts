/** What several commands do: read the articles, embed them with a progress bar, say what the cache did. */

import type { Config } from '../../src/config.ts';
import { type Article, articleText } from '../../src/dataset/article.ts';
import { type CachedEncoder } from '../../src/encoder/cache.ts';
import type { Encoded } from '../../src/encoder/session.ts';
import { openCachedEncoder } from '../../src/encoder/settings.ts';
import { showProgress } from './progress.ts';

/** Opens the cached encoder, with a bar while it is downloaded. */
export async function openEncoderWithProgress(config: Config): Promise<CachedEncoder> {
  let bar: ReturnType<typeof showProgress> | undefined;
  const encoder = await openCachedEncoder(config, (file, received, total) => {
    bar ??= showProgress('Downloading, bytes');
    bar.update(received, total, file);
  }).finally(() => bar?.stop());
  if (encoder.report.corrupt > 0) {
    process.stderr.write(`${encoder.report.corrupt} damaged cache entries were dropped and are computed anew\n`);
  }
  return encoder;
}

/** Vectors of all articles. Says on standard error how many were cached and which were cut. */
export async function embedArticles(
  encoder: CachedEncoder,
  articles: readonly Article[],
  signal: AbortSignal,
): Promise<Encoded> {
  const bar = showProgress('Embedding');
  const encoded = await encoder
    .encode(articles.map(articleText), { signal, onProgress: (done, total) => bar.update(done, total) })
    .finally(() => bar.stop());
  const cut = articles.filter((_, i) => encoded.truncated[i]).map(({ id }) => id);
  const { hits, computed } = encoder.report;
  process.stderr.write(`Embedded ${articles.length} articles: ${hits} from the cache, ${computed} computed\n`);
  if (cut.length > 0) {
    process.stderr.write(`${cut.length} articles were cut at ${encoder.identity.maxTokens} tokens: ${cut.slice(0, 10).join(', ')}\n`);
  }
  return encoded;
}
