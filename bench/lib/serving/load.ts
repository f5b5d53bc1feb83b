/** Load by autocannon, each request with a text of its own; and load at a rate, however slow the answers come. */

import { Agent, request } from 'node:http';
import autocannon from 'autocannon';

export interface Sample {
  /** ms since the load began. */
  at: number;
  status: number;
  /** ms */
  latency: number;
}

export interface Load {
  samples: Sample[];
  /** Connections that broke or timed out. */
  errors: number;
  /** From the start until the last answer: autocannon itself ends only at a full second. */
  seconds: number;
}

export interface LoadOptions {
  url: string;
  /** Called for each request's body. */
  body: () => string;
  clients: number;
  /** Either the number of requests, or seconds. */
  amount?: number;
  seconds?: number;
}

export function runLoad({ url, body, clients, amount, seconds }: LoadOptions): Promise<Load> {
  const samples: Sample[] = [];
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const instance = autocannon(
      {
        url: `${url}/classify`,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        connections: clients,
        timeout: 60,
        ...(amount === undefined ? { duration: seconds! } : { amount }),
        setupClient(client) {
          client.setBody(body());
          client.on('response', (status, _bytes, latency) => {
            samples.push({ at: performance.now() - began, status, latency });
            client.setBody(body());
          });
        },
      },
      (error, result) => {
        if (error) reject(error);
        else
          resolve({
            samples,
            errors: result.errors + result.timeouts,
            seconds: (samples.at(-1)?.at ?? Number.NaN) / 1_000,
          });
      },
    );
    instance.on('error', reject);
  });
}

/**
 * Offers `rate` requests a second whatever becomes of them. autocannon's clients wait for their answers before they send
 * again, so that an overloaded server would be offered less the slower it is.
 */
export async function offerLoad({
  url,
  body,
  seconds,
  rate,
}: {
  url: string;
  body: () => string;
  seconds: number;
  rate: number;
}): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: 4_000 });
  const samples: Sample[] = [];
  let errors = 0;
  const began = performance.now();
  const one = () =>
    new Promise<void>((resolve) => {
      const sent = performance.now();
      const text = body();
      const fail = () => {
        errors += 1;
        resolve();
      };
      const call = request(
        `${url}/classify`,
        {
          method: 'POST',
          agent,
          headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
        },
        (response) => {
          response.resume();
          response.once('error', fail);
          response.once('end', () => {
            const now = performance.now();
            samples.push({ at: now - began, status: response.statusCode!, latency: now - sent });
            resolve();
          });
        },
      );
      call.once('error', fail);
      call.end(text);
    });
  const all: Promise<void>[] = [];
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const elapsed = (performance.now() - began) / 1_000;
      while (all.length < Math.min(elapsed, seconds) * rate) all.push(one());
      if (elapsed < seconds) return;
      clearInterval(timer);
      resolve();
    }, 5);
  });
  await Promise.all(all);
  agent.destroy();
  return { samples, errors, seconds: (performance.now() - began) / 1_000 };
}

export const quantile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ??
  Number.NaN;
export const median = (values: readonly number[]) => quantile(values, 0.5);
export const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
export const answered = ({ samples }: Load) => samples.filter(({ status }) => status === 200);
export const statuses = ({ samples }: Load) => {
  const counts = new Map<number, number>();
  for (const { status } of samples) counts.set(status, (counts.get(status) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => a - b));
};
