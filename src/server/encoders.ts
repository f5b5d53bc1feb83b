/** Encoders in use: a new model that needs the same encoder shares its workers, another one gets its own beside. */

import type { Config } from '../config.ts';
import type { Encoder } from '../encoder/encoder.ts';
import { identityKey } from '../encoder/identity.ts';
import { locateEncoder } from '../encoder/locate.ts';
import type { QueueObserver } from '../encoder/queue.ts';
import { openQueuedEncoder, type QueuedEncoder } from '../encoder/queued.ts';
import { encoderSource } from '../encoder/settings.ts';
import { createVectorCache } from '../encoder/vector-cache.ts';

interface Shared {
  key: string;
  encoder: Promise<QueuedEncoder>;
  users: number;
}

/** A function that opens an encoder with a queue, or shares the one that is open; `close` gives up one share. */
export function createEncoders(config: Config, observer: QueueObserver) {
  const cache = createVectorCache(config.cacheTexts);
  const open = new Set<Shared>();

  async function giveUp(shared: Shared): Promise<void> {
    shared.users -= 1;
    if (shared.users > 0) return;
    open.delete(shared);
    await (await shared.encoder).close();
  }

  return async (settings: Config): Promise<QueuedEncoder> => {
    const located = await locateEncoder(encoderSource(settings));
    const key = `${located.folder} ${identityKey(located.identity)}`;
    let shared = [...open].find((one) => one.key === key);
    if (shared === undefined) {
      shared = { key, users: 0, encoder: openQueuedEncoder(located, config, cache, observer) };
      open.add(shared);
    }
    const own = shared;
    own.users += 1;
    const encoder = await own.encoder.catch((error: unknown) => {
      open.delete(own);
      throw error;
    });
    let closed = false;
    const close: Encoder['close'] = async () => {
      if (closed) return;
      closed = true;
      await giveUp(own);
    };
    return {
      identity: encoder.identity,
      workers: encoder.workers,
      get alive() {
        return encoder.alive;
      },
      encode: encoder.encode,
      waiting: encoder.waiting,
      refuseIfFull: encoder.refuseIfFull,
      close,
    };
  };
}
