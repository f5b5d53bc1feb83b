/** The model that answers, the one before it, and the switch between them: atomic, and only to one that was tried. */

import { setTimeout as delay } from 'node:timers/promises';
import { openPipeline, type Pipeline } from '../classifier/pipeline.ts';
import type { Config } from '../config.ts';
import type { QueueObserver } from '../encoder/queue.ts';
import type { QueuedEncoder } from '../encoder/queued.ts';
import { RasidError } from '../errors.ts';
import { createEncoders } from './encoders.ts';
import type { Log } from './log.ts';

export interface Model {
  pipeline: Pipeline;
  encoder: QueuedEncoder;
}

export interface Switched {
  model: string;
  /** What a roll-back would bring back. */
  previous: string | null;
  changed: boolean;
}

export interface Models {
  current(): Model | undefined;
  /** Loads the first model. @throws RasidError of `openPipeline`. */
  load(): Promise<Model>;
  /** Runs `work` with the current model, which stays open until it is done. @throws RasidError `not-ready`. */
  use<T>(work: (model: Model) => Promise<T>): Promise<T>;
  /** Loads `modelFolder` anew and switches to it. @throws RasidError `reload-failed`; the old model serves on. */
  reload(): Promise<Switched>;
  /** Switches back to the model before the last reload. @throws RasidError `rollback-impossible`, `reload-failed`. */
  rollback(): Promise<Switched>;
  close(): Promise<void>;
}

interface Held extends Model {
  users: number;
  retired: boolean;
}

/** Any readable text does: what is tried is that the model answers it with probabilities. */
const PROBE = 'نص قصير لاختبار النموذج قبل أن يبدأ العمل';
const PROBE_ATTEMPTS = 100;
const PROBE_PAUSE_MS = 100;

/** Encodes and classifies once. Under load the probe waits its turn like any request. */
async function tryOut({ pipeline }: Model): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const [answer] = await pipeline.classify([PROBE]);
      const scores = Object.values(answer!.heads).flatMap((head) => head.scores.map(({ score }) => score));
      if (scores.every((score) => score >= 0 && score <= 1)) return;
      throw new RasidError('bundle-corrupt', 'the model answers with scores that are no probabilities');
    } catch (error) {
      const isBusy = error instanceof RasidError && error.code === 'overloaded';
      if (!isBusy || attempt === PROBE_ATTEMPTS) throw error;
      await delay(PROBE_PAUSE_MS);
    }
  }
}

/** Of attempts to load another model. */
export type ReloadOutcome = 'switched' | 'unchanged' | 'refused';

export function createModels(
  config: Config,
  observer: QueueObserver,
  onReload: (outcome: ReloadOutcome) => void,
  log: Pick<Log, 'info' | 'warn'>,
): Models {
  const openEncoder = createEncoders(config, observer);
  let current: Held | undefined;
  let previous: Held | undefined;
  /** Switches happen one after the other. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => {});
    return result;
  };

  async function open(): Promise<Held> {
    let encoder: QueuedEncoder | undefined;
    const pipeline = await openPipeline(config, async (settings) => {
      encoder = await openEncoder(settings);
      return encoder;
    });
    const held = { pipeline, encoder: encoder!, users: 0, retired: false };
    try {
      await tryOut(held);
      return held;
    } catch (error) {
      await pipeline.close();
      throw error;
    }
  }

  async function retire(held: Held | undefined): Promise<void> {
    if (held === undefined) return;
    held.retired = true;
    if (held.users === 0) await held.pipeline.close();
  }

  function outcome(changed: boolean): Switched {
    const model = current!.pipeline.classifier.id;
    onReload(changed ? 'switched' : 'unchanged');
    log.info({ model, changed }, 'model loaded');
    return { model, previous: previous?.pipeline.classifier.id ?? null, changed };
  }
  function refuse(error: unknown, message: string): RasidError {
    onReload('refused');
    log.warn({ err: error }, 'the new model was refused; the old one serves on');
    return new RasidError('reload-failed', message, { cause: error });
  }

  async function reload(): Promise<Switched> {
    let next: Held;
    try {
      next = await open();
    } catch (error) {
      const reason = error instanceof RasidError ? error.code : 'internal';
      throw refuse(error, `the new model was refused (${reason}); the old one serves on`);
    }
    const isSame =
      current!.pipeline.classifier.id === next.pipeline.classifier.id &&
      current!.encoder.identity.weights === next.encoder.identity.weights;
    if (isSame) {
      await retire(next);
      return outcome(false);
    }
    const before = previous;
    previous = current;
    current = next;
    await retire(before);
    return outcome(true);
  }

  async function rollback(): Promise<Switched> {
    if (previous === undefined)
      throw new RasidError('rollback-impossible', 'there is no earlier model to go back to');
    await tryOut(previous).catch((error: unknown) => {
      throw refuse(error, 'the earlier model no longer answers; the new one serves on');
    });
    [current, previous] = [previous, current];
    return outcome(true);
  }

  return {
    current: () => current,
    async load() {
      current = await open();
      return current;
    },
    async use(work) {
      const held = current;
      if (held === undefined) throw new RasidError('not-ready', 'the model is still loading');
      held.users += 1;
      try {
        return await work(held);
      } finally {
        held.users -= 1;
        if (held.retired && held.users === 0) await held.pipeline.close();
      }
    },
    reload: () => inTurn(reload),
    rollback: () => inTurn(rollback),
    close: () =>
      inTurn(async () => {
        await Promise.all([current, previous].map((held) => held?.pipeline.close()));
      }),
  };
}
