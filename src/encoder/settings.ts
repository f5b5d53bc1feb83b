/** The encoder that the settings ask for. */

import type { Config } from '../config.ts';
import { type CachedEncoder, withCache } from './cache.ts';
import { type Encoder, openEncoder } from './encoder.ts';
import type { EncoderSource } from './locate.ts';

type EncoderConfig = Pick<
  Config,
  | 'encoder'
  | 'encoderPrefix'
  | 'encoderPooling'
  | 'encoderDtype'
  | 'hubUrl'
  | 'cacheFolder'
  | 'windowTokens'
  | 'maxTokens'
  | 'workers'
>;

/** Where the encoder comes from, and how it reads. */
export function encoderSource(
  config: Omit<EncoderConfig, 'workers'>,
  onDownload?: EncoderSource['onDownload'],
): EncoderSource {
  return {
    encoder: config.encoder,
    dtype: config.encoderDtype,
    prefix: config.encoderPrefix,
    pooling: config.encoderPooling,
    windowTokens: config.windowTokens,
    maxTokens: config.maxTokens,
    hubUrl: config.hubUrl,
    cacheFolder: config.cacheFolder,
    ...(onDownload === undefined ? {} : { onDownload }),
  };
}

/** @throws RasidError of `openEncoder`. */
export function openConfiguredEncoder(
  config: EncoderConfig,
  onDownload?: EncoderSource['onDownload'],
): Promise<Encoder> {
  return openEncoder(encoderSource(config, onDownload), { workers: config.workers });
}

/** The same behind the cache on disk. @throws RasidError of `openEncoder` and `withCache`. */
export async function openCachedEncoder(
  config: EncoderConfig,
  onDownload?: EncoderSource['onDownload'],
): Promise<CachedEncoder> {
  const encoder = await openConfiguredEncoder(config, onDownload);
  return withCache(encoder, config.cacheFolder);
}
