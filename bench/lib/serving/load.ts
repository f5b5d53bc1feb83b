/** Load by autocannon, each request with a text of its own. */

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
  /** Requests a second, over all clients. */
  rate?: number;
}

export function runLoad({ url, body, clients, amount, seconds, rate }: LoadOptions): Promise<Load> {
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
        ...(rate === undefined ? {} : { overallRate: rate }),
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
            seconds: (performance.now() - began) / 1_000,
          });
      },
    );
    instance.on('error', reject);
  });
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
