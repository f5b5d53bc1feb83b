/** Prometheus series of the service. Names and meanings are listed in docs/serving.md. */

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Answer } from '../classifier/pipeline.ts';
import type { QueueObserver } from '../encoder/queue.ts';
import type { ErrorCode } from '../errors.ts';
import { tf } from '../tensorflow.ts';
import type { ReloadOutcome } from './models.ts';

export interface RequestMeasure {
  route: string;
  method: string;
  status: number;
  ms: number;
  code: ErrorCode | undefined;
}

/** Read when the metrics are asked for. */
export interface Gauges {
  texts: number;
  tokens: number;
  workers: number;
  model: string;
  encoder: string;
}

export interface Metrics {
  readonly registry: Registry;
  readonly queue: QueueObserver;
  onRequest(measure: RequestMeasure): void;
  onAnswers(answers: readonly Answer[]): void;
  /** A line of a batch was answered with a problem. */
  onLineError(code: ErrorCode): void;
  onReload(outcome: ReloadOutcome): void;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const METHODS = new Set(['GET', 'HEAD', 'POST', 'OPTIONS']);

/** @param read The state of queue and model; undefined while there is none. */
export function createMetrics(read: () => Gauges | undefined): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const counter = <T extends string>(name: string, help: string, labelNames: T[] = []) =>
    new Counter({ name: `rasid_${name}`, help, labelNames, registers });
  const histogram = <T extends string>(name: string, help: string, buckets: number[], labelNames: T[] = []) =>
    new Histogram({ name: `rasid_${name}`, help, buckets, labelNames, registers });
  const gauge = (name: string, help: string, value: (state: Gauges | undefined) => number) =>
    new Gauge({
      name: `rasid_${name}`,
      help,
      registers,
      collect() {
        this.set(value(read()));
      },
    });

  const requests = counter('requests_total', 'Requests answered', ['route', 'method', 'status']);
  const errors = counter('errors_total', 'Problems answered, by code', ['code']);
  const duration = histogram('request_seconds', 'Time to answer', SECONDS, ['route']);
  const wait = histogram('queue_wait_seconds', 'Time a text waited for a worker', SECONDS);
  const batchTexts = histogram('batch_texts', 'Texts in a batch', [1, 2, 4, 8, 16, 32, 64]);
  const batchTokens = histogram('batch_tokens', 'Tokens in a batch', [32, 64, 128, 256, 512, 1024, 4096]);
  const inference = histogram('inference_seconds', 'Time a worker took for a batch', SECONDS);
  const lookups = counter('vectors_total', 'Texts by where their vector came from', ['from']);
  const labels = counter('labels_total', 'Labels accepted', ['head', 'label']);
  const confidence = histogram(
    'confidence',
    'Score of the best label of a head; sum over count is the mean',
    [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
    ['head'],
  );
  const abstentions = counter('abstentions_total', 'Answers that hold back', ['reason']);
  const reloads = counter('reloads_total', 'Attempts to load another model', ['outcome']);
  gauge('queue_texts', 'Texts waiting', (state) => state?.texts ?? 0);
  gauge('queue_tokens', 'Tokens waiting, estimated', (state) => state?.tokens ?? 0);
  gauge('workers', 'Encoder workers alive', (state) => state?.workers ?? 0);
  gauge('tensors', 'TensorFlow.js tensors', () => tf.memory().numTensors);
  new Gauge({
    name: 'rasid_model_info',
    help: 'The model that answers: always 1',
    labelNames: ['model', 'encoder'],
    registers,
    collect() {
      this.reset();
      const state = read();
      if (state !== undefined) this.set({ model: state.model, encoder: state.encoder }, 1);
    },
  });

  return {
    registry,
    queue: {
      onLookup(found) {
        for (const [from, texts] of Object.entries(found)) if (texts > 0) lookups.inc({ from }, texts);
      },
      onBegin: (ms) => wait.observe(ms / 1_000),
      onBatch({ texts, tokens, ms }) {
        batchTexts.observe(texts);
        batchTokens.observe(tokens);
        inference.observe(ms / 1_000);
      },
    },
    onRequest({ route, method, status, ms, code }) {
      requests.inc({ route, method: METHODS.has(method) ? method : 'other', status });
      duration.observe({ route }, ms / 1_000);
      if (code !== undefined) errors.inc({ code });
    },
    onAnswers(answers) {
      for (const { heads, reasons } of answers) {
        for (const [head, { accepted, scores }] of Object.entries(heads)) {
          for (const { id } of accepted) labels.inc({ head, label: id });
          confidence.observe({ head }, Math.max(...scores.map(({ score }) => score)));
        }
        for (const reason of reasons) abstentions.inc({ reason });
      }
    },
    onLineError: (code) => errors.inc({ code }),
    onReload: (outcome) => reloads.inc({ outcome }),
  };
}
