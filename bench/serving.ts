/**
 * The service under load, by autocannon on loopback. Client, server and whatever else runs share the machine's cores,
 * so the figures that count are ratios within one run; the rounds of what is compared take turns.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from '../scripts/lib/cli.ts';
import { loadConfig } from '../src/config.ts';
import { articleText } from '../src/dataset/article.ts';
import { readArticles } from '../src/dataset/jsonl.ts';
import { loadTaxonomy } from '../src/dataset/taxonomy.ts';
import { openConfiguredEncoder } from '../src/encoder/settings.ts';
import { seededRandom } from '../src/random.ts';
import { answered, mean, median, offerLoad, quantile, runLoad, statuses } from './lib/serving/load.ts';
import { firstAnswer, killWorker, reloadUnderLoad, terminate } from './lib/serving/operation.ts';
import { startPlain, startServed, watchHealth } from './lib/serving/process.ts';
import { createReport } from './lib/serving/report.ts';

const CLIENTS = 16;
const SATURATING = 32;
/** Rounds of throughput; each takes one part of the articles. */
const ROUNDS = 18;
const PARTS = 3;
/** Requests of a few words before throughput is measured: a JavaScript server's first thousands cost it twice as much. */
const WARMING = 4_000;

await runCommand({
  name: 'bench:serving',
  summary: 'Throughput, latency, overload, memory and operation of the service, by autocannon on loopback.',
  settings: ['dataFile', 'taxonomyFile', 'workers'],
  options: {
    quick: { type: 'boolean', description: 'Short runs: to see that all of it works' },
    only: { type: 'string', value: 'parts', description: 'throughput,latency,overload,memory,operation' },
  },
  async run({ config, options: { quick, only }, print }) {
    const articles = await readArticles(config.dataFile, await loadTaxonomy(config.taxonomyFile));
    // Shuffled, for the corpus has its long articles together: each second of a run gets the same mixture.
    const texts = seededRandom(1)
      .shuffle(articles.map(articleText))
      .slice(0, quick ? 300 : undefined);
    const wants = (part: string) => only === undefined || only.split(',').includes(part);
    const report = createReport(print);
    const settings = { RASID_WORKERS: String(config.workers) };
    const uncached = { ...settings, RASID_CACHE_TEXTS: '0' };
    let at = 0;
    const article = () => JSON.stringify({ text: texts[at++ % texts.length] });
    let number = 0;
    /** From a few words to several thousand characters, none like another. */
    const mixed = () => {
      number += 1;
      const text = texts[number % texts.length]!;
      const length = [30, 60, 120, 250, 500, 4_000][number % 6]!;
      return JSON.stringify({
        text: `${number} ${text.repeat(length > text.length ? 4 : 1).slice(0, length)}`,
      });
    };

    const encoder = await openConfiguredEncoder(loadConfig({ workers: String(config.workers) }, {}));
    await encoder.encode(texts.slice(0, 100));
    const bare = async (part = texts) => {
      const began = performance.now();
      await encoder.encode(part);
      return (1_000 * part.length) / (performance.now() - began);
    };
    let capacity = await bare();
    print(
      `${texts.length} articles, ${encoder.workers} workers; bare encoder ${capacity.toFixed(0)} texts/s`,
    );

    if (wants('throughput')) {
      const served = await startServed(uncached);
      const plain = await startPlain();
      const rates: Record<'bare' | 'served' | 'plain', number[]> = { bare: [], served: [], plain: [] };
      const through = async (url: string, part: readonly string[]) => {
        let next = 0;
        const body = () => JSON.stringify({ text: part[next++ % part.length] });
        const load = await runLoad({ url, body, clients: SATURATING, amount: part.length });
        return answered(load).length / load.seconds;
      };
      const few = () => JSON.stringify({ text: texts[at++ % texts.length]!.slice(0, 60) });
      for (const { url } of [served, plain])
        await runLoad({ url, body: few, clients: SATURATING, amount: WARMING });
      for (let round = 0; round < (quick ? 2 : ROUNDS); round++) {
        // Every third article of the corpus: short rounds, so that each meets the machine as the one before it did.
        const part = texts.filter((_, i) => i % PARTS === round % PARTS);
        const measured = {
          bare: await bare(part),
          served: await through(served.url, part),
          plain: await through(plain.url, part),
        };
        // The first round of each part warms up.
        if (quick || round >= PARTS)
          for (const [what, rate] of Object.entries(measured)) rates[what as 'bare'].push(rate);
      }
      await Promise.all([served.stop(), plain.stop()]);
      capacity = median(rates.bare);
      const ratio = (to: number[]) => median(rates.served.map((rate, i) => rate / to[i]!));
      print(
        `served ${median(rates.served).toFixed(0)}, bare ${capacity.toFixed(0)}, plain ${median(rates.plain).toFixed(0)} texts/s`,
      );
      report('throughput beside the bare encoder', ratio(rates.bare), '≥', 0.85);
      report('throughput beside a plain Express handler', ratio(rates.plain), '≥', 1.5);
    }

    if (wants('latency')) {
      const served = await startServed(uncached);
      await runLoad({ url: served.url, body: article, clients: CLIENTS, amount: 200 });
      const before = await bare();
      const idleTimes = await watchHealth(served.url);
      await sleep(quick ? 3_000 : 10_000);
      print(`/health of the idle server, p99: ${quantile(await idleTimes(), 0.99).toFixed(1)} ms`);
      const healthTimes = await watchHealth(served.url);
      const load = await runLoad({
        url: served.url,
        body: article,
        clients: CLIENTS,
        seconds: quick ? 5 : 30,
      });
      const health = await healthTimes();
      await served.stop();
      // Before and after, for the machine's speed is not the same all the time.
      const service = (1_000 * encoder.workers) / mean([before, await bare()]);
      const times = answered(load).map(({ latency }) => latency);
      const unit = (service * CLIENTS) / encoder.workers;
      print(
        `16 clients: p50 ${median(times).toFixed(0)} ms, p99 ${quantile(times, 0.99).toFixed(0)} ms; service ${service.toFixed(1)} ms`,
      );
      report('p99 ÷ (service time × clients ÷ workers)', quantile(times, 0.99) / unit, '≤', 4);
      report('/health p99 meanwhile, ms', quantile(health, 0.99), '≤', 20);
    }

    if (wants('overload')) {
      const served = await startServed(uncached);
      const warm = await runLoad({
        url: served.url,
        body: article,
        clients: SATURATING,
        seconds: quick ? 4 : 10,
      });
      const rate = Math.round((2 * answered(warm).length) / warm.seconds);
      const memory: number[] = [];
      const timer = setInterval(() => void served.memory().then((bytes) => memory.push(bytes)), 1_000);
      const healthTimes = await watchHealth(served.url);
      const load = await offerLoad({ url: served.url, body: article, seconds: quick ? 10 : 60, rate });
      clearInterval(timer);
      const health = await healthTimes();
      await served.stop();
      const times = answered(load).map(({ latency }) => latency);
      const half = Math.floor(memory.length / 2);
      print(
        `offered ${rate}/s: ${JSON.stringify(statuses(load))}, ${load.errors} broken; p99 of accepted ${quantile(times, 0.99).toFixed(0)} ms`,
      );
      const others =
        load.samples.filter(({ status }) => status !== 200 && status !== 429).length + load.errors;
      report('overload: answers other than 200 and 429', others, '≤', 0);
      report('overload: p99 of accepted ÷ deadline', quantile(times, 0.99) / config.deadline, '≤', 1);
      report('overload: refused share', 1 - times.length / load.samples.length, '≥', 0.2);
      report(
        'overload: memory, second half ÷ first',
        mean(memory.slice(half)) / mean(memory.slice(0, half)),
        '≤',
        1.05,
      );
      report('overload: /health p99, ms', quantile(health, 0.99), '≤', 20);
    }

    if (wants('memory')) {
      const served = await startServed(settings);
      const runs = 10;
      const amount = quick ? 100 : 2_000;
      const means: number[] = [];
      let tensors = 0;
      for (let run = 0; run < runs; run++) {
        const samples: number[] = [];
        const timer = setInterval(() => void served.memory().then((bytes) => samples.push(bytes)), 250);
        const load = await runLoad({ url: served.url, body: mixed, clients: CLIENTS, amount });
        clearInterval(timer);
        samples.push(await served.memory());
        means.push(mean(samples));
        if (run === 0) tensors = await served.metric('rasid_tensors');
        const others = load.samples.filter(({ status }) => status !== 200).length + load.errors;
        if (others > 0) print(`${others} of ${amount} mixed requests were not answered with 200`);
      }
      const mib = means.map((bytes) => (bytes / 2 ** 20).toFixed(0));
      print(`${runs} × ${amount} mixed requests, mean resident memory of each: ${mib.join(', ')} MiB`);
      // What grows is judged beside the second run: the first compiles and fills the heaps.
      report(
        'memory growth after the first requests',
        Math.max(...means.slice(2)) / means[1]! - 1,
        '≤',
        0.05,
      );
      report('tensors more than before', (await served.metric('rasid_tensors')) - tensors, '≤', 0);
      await served.stop();
    }

    await encoder.close();
    if (wants('operation')) {
      await terminate(report, article, settings);
      await killWorker(report, article, uncached, quick ? 8 : 15);
      await reloadUnderLoad(report, article, uncached);
      await firstAnswer(report, quick ? 1 : 5);
    }
    return report.missed() > 0 ? 1 : 0;
  },
});
