/** What an operator does to the service while it works. */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bundleFolder } from '../../../src/classifier/store.ts';
import { answered, median, runLoad } from './load.ts';
import { freePort, startServed } from './process.ts';
import type { Report } from './report.ts';

type Body = () => string;
type Settings = Record<string, string>;
/** While a worker is killed: enough that each always has something to lose. */
const CLIENTS = 32;
const JSON_TYPE = { 'content-type': 'application/json' };
const classify = (url: string, body: string) =>
  fetch(`${url}/classify`, { method: 'POST', headers: JSON_TYPE, body });

/** SIGTERM with 50 requests in flight. */
export async function terminate(report: Report, body: Body, settings: Settings): Promise<void> {
  const served = await startServed(settings);
  const answers = Array.from({ length: 50 }, () =>
    classify(served.url, body()).then(
      (r) => r.status,
      () => 0,
    ),
  );
  // Admitted, and the probe at the start with them: only then are they in flight.
  const admitted = () => served.metric('rasid_vectors_total{from="computed"}');
  for (let i = 0; i < 200 && (await admitted()) < 51; i++) await sleep(10);
  await served.stop();
  const statuses = await Promise.all(answers);
  const good = statuses.filter((status) => status === 200).length;
  if (good < 50) process.stdout.write(`        ${statuses.filter((status) => status !== 200)}\n`);
  report('SIGTERM with 50 in flight: answers', good, '≥', 50);
}

/** A worker is killed in the middle of a load. */
export async function killWorker(
  report: Report,
  body: Body,
  settings: Settings,
  seconds: number,
): Promise<void> {
  const served = await startServed(settings);
  await runLoad({ url: served.url, body, clients: CLIENTS, amount: 200 });
  const killAt = 1_000 * Math.floor(seconds / 3);
  const [worker] = await served.workers();
  setTimeout(() => process.kill(worker!, 'SIGKILL'), killAt);
  const load = await runLoad({ url: served.url, body, clients: CLIENTS, seconds });
  await served.stop();
  const others = load.samples.filter(({ status }) => status !== 200 && status !== 503).length + load.errors;
  const rate = (from: number, to: number) =>
    (1_000 * answered(load).filter(({ at }) => at >= from && at < to).length) / (to - from);
  report('worker killed: answers other than 200 and 503', others, '≤', 0);
  report('worker killed: 503s', load.samples.filter(({ status }) => status === 503).length, '≥', 1);
  const end = Math.min(1_000 * seconds, 1_000 * load.seconds) - 500;
  report(
    'worker killed: speed from 3 s after ÷ before',
    rate(killAt + 3_000, end) / rate(500, killAt),
    '≥',
    0.9,
  );
}

/** A new version, then a corrupt one, are loaded in the middle of a load. */
export async function reloadUnderLoad(report: Report, body: Body, settings: Settings): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'rasid-bench-'));
  const folder = join(root, 'classifier');
  await cp(await bundleFolder('models/classifier'), folder, { recursive: true });
  const served = await startServed({
    ...settings,
    RASID_MODEL_FOLDER: folder,
    RASID_ADMIN_KEY: createHash('sha256').update('admin').digest('hex'),
  });
  const reload = () =>
    fetch(`${served.url}/admin/reload`, { method: 'POST', headers: { authorization: 'Bearer admin' } });
  const load = runLoad({ url: served.url, body, clients: 16, seconds: 8 });
  await sleep(1_500);
  const manifest = join(folder, 'bundle.json');
  const bundle = JSON.parse(await readFile(manifest, 'utf8'));
  await writeFile(manifest, JSON.stringify({ ...bundle, minimumSimilarity: -1 }));
  const switched = (await (await reload()).json()) as { changed: boolean };
  await writeFile(join(folder, 'network.bin'), 'damaged');
  const refused = await reload();
  const { samples, errors } = await load;
  await served.stop();
  await rm(root, { recursive: true });
  report(
    'reload under load: failed requests',
    samples.filter(({ status }) => status !== 200).length + errors,
    '≤',
    0,
  );
  report('reload under load: new version switched to', Number(switched.changed), '≥', 1);
  report('reload under load: corrupt version refused', Number(refused.status === 500), '≥', 1);
}

/** From `npm start` to the first 200. */
export async function firstAnswer(report: Report, rounds: number): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const port = await freePort();
    const began = performance.now();
    const env = { ...process.env, RASID_PORT: String(port), RASID_LOG_LEVEL: 'silent' };
    const child = spawn('npm', ['start', '--silent'], { env, stdio: 'ignore', detached: true });
    const body = JSON.stringify({ text: 'نص قصير' });
    for (;;) {
      const status = await classify(`http://127.0.0.1:${port}`, body).then(
        (r) => r.status,
        () => 0,
      );
      if (status === 200) break;
      await sleep(10);
    }
    times.push(performance.now() - began);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    process.kill(-child.pid!, 'SIGTERM');
    await ended;
  }
  report('first answer after npm start, s', median(times) / 1_000, '≤', 2);
}
