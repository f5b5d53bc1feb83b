/** Progress of long work: a bar on a terminal, a line now and then anywhere else. Written to standard error. */

import { SingleBar } from 'cli-progress';

/**
 * `update` fits the callbacks of src, `(done, total) => void`; a note is shown behind the counts. Where the total is not
 * known (undefined, as of a stream), the counts alone are shown.
 */
export interface Progress {
  update: (done: number, total: number | undefined, note?: string) => void;
  /** Removes the bar. Call it before printing anything else, also after a failure. */
  stop: () => void;
}

export interface ProgressOptions {
  stream?: NodeJS.WriteStream | (NodeJS.WritableStream & { isTTY?: boolean });
  /** Least time between two lines where there is no terminal, ms. Default: 10,000. */
  interval?: number;
  /** The clock, ms. Default: `performance.now`. */
  now?: () => number;
}

/** `95_000` → `1 min 35 s` */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function bar(label: string, stream: NodeJS.WritableStream): Progress {
  const single = new SingleBar({
    format: `${label} [{bar}] {percentage} % | {value}/{total} | {eta_formatted} left{note}`,
    stream,
    hideCursor: true,
    clearOnComplete: false,
    etaBuffer: 50,
  });
  let started = false;
  let isLineOpen = false;
  return {
    update(done, total, note) {
      const shown = { note: note === undefined ? '' : ` | ${note}` };
      if (total === undefined) {
        stream.write(`\r${label}: ${done}${shown.note}\u001b[K`);
        isLineOpen = true;
        return;
      }
      if (!started) single.start(total, done, shown);
      started = true;
      single.setTotal(total);
      single.update(done, shown);
    },
    stop() {
      if (started) single.stop();
      if (isLineOpen) stream.write('\n');
      started = false;
      isLineOpen = false;
    },
  };
}

function lines(label: string, stream: NodeJS.WritableStream, interval: number, now: () => number): Progress {
  let startedAt: number | undefined;
  let lastAt = 0;
  let lastDone = -1;
  return {
    update(done, total, note) {
      const time = now();
      startedAt ??= time;
      const isDone = total !== undefined && total > 0 && done >= total;
      if (done === lastDone || (!isDone && lastDone >= 0 && time - lastAt < interval)) return;
      lastAt = time;
      lastDone = done;
      const elapsed = time - startedAt;
      const rest = isDone
        ? `, took ${formatDuration(elapsed)}`
        : total !== undefined && done > 0 && elapsed > 0
          ? `, ${formatDuration((elapsed / done) * (total - done))} left`
          : '';
      const percentage = total ? ` (${Math.floor((done / total) * 100)} %)` : '';
      const counts = total === undefined ? String(done) : `${done}/${total}`;
      stream.write(`${label}: ${counts}${percentage}${rest}${note === undefined ? '' : `, ${note}`}\n`);
    },
    stop() {},
  };
}

/** Progress of one piece of work. `label` says what is counted, e.g. `embedding, texts`. */
export function createProgress(label: string, options: ProgressOptions = {}): Progress {
  const { stream = process.stderr, interval = 10_000, now = () => performance.now() } = options;
  return 'isTTY' in stream && stream.isTTY === true
    ? bar(label, stream)
    : lines(label, stream, interval, now);
}
