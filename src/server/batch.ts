/**
 * `POST /classify/batch`: JSON lines in, JSON lines out, in the same order, for any length of stream. A few chunks are
 * under way at a time; no more is read while they are, nor while the client does not take its answers.
 */

import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type Request, type Response, Router } from 'express';
import { checkReadable } from '../classifier/pipeline.ts';
import { articleText } from '../dataset/article.ts';
import { RasidError } from '../errors.ts';
import { answerTexts } from './answer.ts';
import { type RouteOptions, signalOf } from './classify.ts';
import { factsOf, type RequestFacts } from './facts.ts';
import { type Line, readLines } from './lines.ts';
import { describeProblem, internalError, invalidRequest, knownError } from './problems.ts';
import { type AnswerOptions, lineSchema } from './schemas.ts';

/** Texts classified together. */
const CHUNK_TEXTS = 16;
/** Characters after which a chunk is closed, so that a stream of long texts holds little memory. */
const CHUNK_CHARACTERS = 200_000;
/** Chunks of one stream that are under way. */
const CHUNKS_AHEAD = 2;
/** Pause of the client after which a chunk is not kept waiting for more lines, ms. */
const IDLE_MS = 20;
/** Longest pause before a chunk that found the queue full is tried again, ms. */
const LONGEST_PAUSE = 1_000;

interface Item {
  line: number;
  id?: string | number | undefined;
  text: string;
  options: AnswerOptions;
}
interface Refused {
  line: number;
  id?: string | number | undefined;
  error: RasidError;
}
type Parsed = Item | Refused;

/** A line of the request as a text, or as what is wrong with it. */
export function parseLine(line: Line, limit: number): Parsed {
  const { number } = line;
  if ('fault' in line) {
    const error =
      line.fault === 'utf8'
        ? new RasidError('utf8-invalid', 'the line is not valid UTF-8')
        : new RasidError('body-too-large', `the line is longer than ${limit} bytes`);
    return { line: number, error };
  }
  let value: unknown;
  try {
    value = JSON.parse(line.text);
  } catch {
    return { line: number, error: new RasidError('request-invalid', 'the line is not valid JSON') };
  }
  const parsed = lineSchema.safeParse(value);
  if (!parsed.success) {
    const id = lineSchema.shape.id.safeParse((value as { id?: unknown } | null)?.id);
    return { line: number, id: id.data, error: invalidRequest(parsed.error) };
  }
  const { id, text, title, ...options } = parsed.data;
  const read = articleText({ text, title });
  try {
    checkReadable([read]);
  } catch (error) {
    const { message } = error as RasidError;
    return { line: number, id, error: new RasidError('text-unreadable', message.replace(/^text 1: /, '')) };
  }
  return { line: number, id, text: read, options };
}

/** Lines in chunks; a chunk is closed early when no further line comes, so that its answers are not held back. */
async function* chunksOf(lines: AsyncIterator<Parsed>): AsyncGenerator<Parsed[]> {
  let chunk: Parsed[] = [];
  let characters = 0;
  let pending = lines.next();
  for (;;) {
    const idle = new AbortController();
    const pause = delay(IDLE_MS, 'idle' as const, { signal: idle.signal }).catch(() => 'idle' as const);
    const next = await (chunk.length === 0 ? pending : Promise.race([pending, pause])).catch(
      (error: unknown) => ({ error }),
    );
    idle.abort();
    const isOver = next !== 'idle' && ('error' in next || next.done);
    if (next !== 'idle' && !isOver) {
      const line = (next as IteratorYieldResult<Parsed>).value;
      chunk.push(line);
      if ('text' in line) characters += line.text.length;
      pending = lines.next();
      // Awaited in the next round; until then a failure must not count as unhandled.
      pending.catch(() => {});
      if (chunk.length < CHUNK_TEXTS && characters < CHUNK_CHARACTERS) continue;
    }
    if (chunk.length > 0) yield chunk;
    chunk = [];
    characters = 0;
    if (isOver && 'error' in next) throw next.error;
    if (isOver) return;
  }
}

/** One stream's work. */
class BatchStream {
  readonly #request: Request;
  readonly #response: Response;
  readonly #options: RouteOptions;
  readonly #facts: RequestFacts;
  readonly #signal: AbortSignal;

  constructor(request: Request, response: Response, options: RouteOptions) {
    this.#request = request;
    this.#response = response;
    this.#options = options;
    this.#facts = factsOf(response);
    this.#facts.texts = 0;
    this.#facts.tokens = 0;
    this.#signal = signalOf(response);
  }

  /** The bytes of the request; a client that stops sending while it is waited for is given up. */
  async *#bytes(): AsyncGenerator<Uint8Array> {
    const { receiveTimeout } = this.#options.config;
    const chunks = this.#request.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>;
    for (;;) {
      const idle = new AbortController();
      const late = delay(receiveTimeout, 'late' as const, { signal: idle.signal }).catch(
        () => 'late' as const,
      );
      const next = await Promise.race([chunks.next(), late]);
      idle.abort();
      if (next === 'late')
        throw new RasidError('request-timeout', `nothing more arrived within ${receiveTimeout} ms`);
      if (next.done) return;
      yield next.value;
    }
  }

  async *#parsed(): AsyncGenerator<Parsed> {
    const { bodyLimit } = this.#options.config;
    for await (const line of readLines(this.#bytes(), bodyLimit)) {
      const parsed = parseLine(line, bodyLimit);
      if ('text' in parsed) this.#facts.texts! += 1;
      yield parsed;
    }
  }

  #problem({ line, id, error }: Refused): object {
    this.#options.metrics.onLineError(error.code);
    return { line, id, error: describeProblem(error) };
  }

  /** Waits for room in the queue instead of failing: a stream has no deadline but its client's patience. */
  async #classify(items: readonly Item[]): Promise<object[]> {
    const { models, metrics, config } = this.#options;
    const wait = { signal: this.#signal, deadline: config.deadline };
    const texts = items.map(({ text }) => text);
    for (;;) {
      try {
        const answers = await models.use((model) =>
          answerTexts(model, texts, items[0]!.options, wait, metrics),
        );
        return answers.map((answer, i) => {
          this.#facts.tokens! += answer.tokens;
          return { line: items[i]!.line, id: items[i]!.id, ...answer };
        });
      } catch (error) {
        const known = knownError(error, config.bodyLimit);
        this.#signal.throwIfAborted();
        if (known?.code === 'overloaded' || known?.code === 'deadline-exceeded') {
          const { retryAfter = 1 } = (known.details ?? {}) as { retryAfter?: number };
          await delay(Math.min(LONGEST_PAUSE, retryAfter * 1_000) / 2, undefined, { signal: this.#signal });
          continue;
        }
        // With explanations a chunk may be more than the queue holds: each sentence counts as a text.
        if (known?.code === 'request-too-large' && items.length > 1) {
          const half = Math.ceil(items.length / 2);
          return [
            ...(await this.#classify(items.slice(0, half))),
            ...(await this.#classify(items.slice(half))),
          ];
        }
        if (known === undefined) this.#options.onFault(error);
        return items.map(({ line, id }) => this.#problem({ line, id, error: known ?? internalError() }));
      }
    }
  }

  /** Answers in the chunk's order. Lines with the same options travel together. */
  async #answer(chunk: readonly Parsed[]): Promise<object[]> {
    const groups = new Map<string, Item[]>();
    for (const item of chunk) {
      if ('error' in item) continue;
      const key = JSON.stringify(item.options);
      groups.set(key, [...(groups.get(key) ?? []), item]);
    }
    const answers = new Map<number, object>();
    const answered = await Promise.all([...groups.values()].map((items) => this.#classify(items)));
    for (const [i, items] of [...groups.values()].entries())
      for (const [k, { line }] of items.entries()) answers.set(line, answered[i]![k]!);
    return chunk.map((item) => ('error' in item ? this.#problem(item) : answers.get(item.line)!));
  }

  /** Writes lines; waits while the client does not take them, but not for ever. */
  async #write(lines: readonly object[]): Promise<void> {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    if (this.#response.write(text)) return;
    const { receiveTimeout } = this.#options.config;
    const stalled = setTimeout(() => this.#request.socket.destroy(), receiveTimeout);
    try {
      await once(this.#response, 'drain', { signal: this.#signal });
    } finally {
      clearTimeout(stalled);
    }
  }

  async run(): Promise<void> {
    const written: Promise<void>[] = [];
    let last: RasidError | undefined;
    try {
      for await (const chunk of chunksOf(this.#parsed())) {
        const answer = this.#answer(chunk);
        const before = written.at(-1);
        const own = (async () => {
          const [lines] = await Promise.all([answer, before]);
          await this.#write(lines);
        })();
        // Awaited in its turn; until then a failure must not count as unhandled.
        own.catch(() => {});
        written.push(own);
        if (written.length >= CHUNKS_AHEAD) await written.shift();
        if (!this.#options.isDraining()) continue;
        last = new RasidError('draining', 'the server is shutting down: the lines after these were not read');
        break;
      }
    } catch (error) {
      this.#signal.throwIfAborted();
      last =
        knownError(error, this.#options.config.bodyLimit) ??
        new RasidError('cancelled', 'the request broke off');
    }
    await Promise.all(written);
    if (last !== undefined) {
      this.#facts.code = last.code;
      await this.#write([{ error: describeProblem(last, this.#facts.id) }]);
    }
    this.#response.end();
    // What the client still sends is not read.
    if (last !== undefined) this.#response.once('finish', () => this.#request.socket.destroySoon());
  }
}

export function batchRouter(options: RouteOptions): Router {
  const router = Router();
  let streams = 0;
  // Streams leave half of the queue to single requests.
  const most = Math.max(1, Math.floor(options.config.queueTexts / (2 * CHUNKS_AHEAD * CHUNK_TEXTS)));
  router.post('/classify/batch', async (request, response) => {
    options.checkReady();
    if (!request.is(['application/x-ndjson', 'application/jsonl', 'application/json']))
      throw new RasidError('media-type-unsupported', 'the body must be application/x-ndjson');
    if (request.headers['content-encoding'] !== undefined)
      throw new RasidError('media-type-unsupported', 'a stream of lines cannot be encoded');
    if (streams >= most) {
      throw new RasidError('overloaded', `${streams} streams are being answered, no more are taken`, {
        details: { retryAfter: 5 },
      });
    }
    streams += 1;
    try {
      response.status(200).type('application/x-ndjson');
      response.flushHeaders();
      await new BatchStream(request, response, options).run();
    } catch {
      // The client has gone: there is nobody to tell.
      request.socket.destroy();
    } finally {
      streams -= 1;
    }
  });
  return router;
}
