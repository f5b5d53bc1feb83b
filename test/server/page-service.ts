/** A service that answers at once what a test tells it to, below the real page. Its labels are no label of `data/`. */

import type { AddressInfo } from 'node:net';
import express, { type Request, type Response } from 'express';
import { pageRouter } from '../../src/server/page.ts';

const LABELS = [
  { id: 'bees', name: { ar: 'النحل', en: 'Bees' }, threshold: 0.4 },
  { id: 'kites', name: { ar: 'الطائرات الورقية', en: 'Kites' }, threshold: 0.5 },
  { id: 'maps', name: { ar: 'الخرائط', en: 'Maps' }, threshold: 0.3 },
];
const MOODS = [
  { id: 'calm', name: { ar: 'هادئ', en: 'Calm' } },
  { id: 'loud', name: { ar: 'صاخب', en: 'Loud' } },
];
export const INFO = {
  model: 'a'.repeat(64),
  heads: [
    { id: 'topics', kind: 'multi-label', name: { ar: 'الموضوعات', en: 'Topics' }, labels: LABELS },
    { id: 'mood', kind: 'one-of', name: { ar: 'المزاج', en: 'Mood' }, labels: MOODS },
  ],
  limits: { bodyBytes: 100_000, texts: 3, tokens: 128 },
  features: { explain: false },
};

const named = ({ id, name }: (typeof MOODS)[number], score: number) => ({ id, name, score });

/** An answer that accepts `bees` at 0.8 and leaves `kites` below its threshold. */
export const answerTo = (text: string, changes: object = {}) => ({
  heads: {
    topics: { accepted: [named(LABELS[0]!, 0.8)], scores: { bees: 0.8, kites: 0.45, maps: 0.0001 } },
    mood: { accepted: named(MOODS[0]!, 0.9), scores: { calm: 0.9, loud: 0.1 } },
  },
  abstains: false,
  reasons: [] as string[],
  tokens: text.length,
  truncated: false,
  html: false,
  model: INFO.model,
  ...changes,
});

export interface Asked {
  text?: string;
  texts?: string[];
  explain?: boolean;
}

export interface Refusal {
  status: number;
  headers?: Record<string, string>;
  /** A problem document, or text that is none. */
  body: object | string;
}

export const problem = (status: number, code: string, more: object = {}): Refusal => ({
  status,
  body: { type: `urn:rasid:${code}`, title: code, status, code, detail: `detail of ${code}`, ...more },
});

export interface FakeService {
  url: string;
  /** What `/info` answers. */
  info: object;
  /** Changes the answer to a text, or refuses the request. */
  answer: (text: string, asked: Asked) => object | undefined;
  /** Refuses a request to `/classify`, or with nothing asked to `/info`. */
  refuse: (asked: Asked, authorization: string | undefined) => Refusal | undefined;
  /** Bodies of `/classify`, in order. */
  asked: Asked[];
  reset(): void;
  close(): Promise<void>;
}

export async function startFakeService(): Promise<FakeService> {
  const app = express();
  app.use(pageRouter());
  /** Whether the request was refused. */
  const refuses = (asked: Asked, request: Request, response: Response): boolean => {
    const refusal = service.refuse(asked, request.get('authorization'));
    if (refusal === undefined) return false;
    response.status(refusal.status).set(refusal.headers ?? {});
    response.type('application/problem+json');
    response.send(typeof refusal.body === 'string' ? refusal.body : JSON.stringify(refusal.body));
    return true;
  };
  app.get('/info', (request, response) => {
    if (!refuses({}, request, response)) response.json(service.info);
  });
  app.post('/classify', express.json({ limit: '10mb' }), (request, response) => {
    const asked = request.body as Asked;
    service.asked.push(asked);
    if (refuses(asked, request, response)) return;
    const results = (asked.texts ?? [asked.text!]).map((text) => answerTo(text, service.answer(text, asked)));
    response.json(asked.text === undefined ? { results } : results[0]);
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const service: FakeService = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    info: INFO,
    answer: () => undefined,
    refuse: () => undefined,
    asked: [],
    reset() {
      Object.assign(service, { info: INFO, answer: () => undefined, refuse: () => undefined, asked: [] });
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return service;
}
