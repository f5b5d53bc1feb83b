import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createProgress, formatDuration } from '../../../scripts/lib/progress.ts';

function collector(isTTY = false) {
  let text = '';
  const stream = new Writable({
    write(chunk, _, done) {
      text += chunk;
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY }), text: () => text };
}

describe('formatDuration', () => {
  it.each([
    [0, '0 s'],
    [59_400, '59 s'],
    [95_000, '1 min 35 s'],
    [3_600_000 + 120_000, '1 h 2 min'],
  ])('shows %d ms as %s', (ms, shown) => {
    expect(formatDuration(ms)).toBe(shown);
  });
});

describe('createProgress away from a terminal', () => {
  it('writes the first, the last and one line an interval, with counts and time left', () => {
    const { stream, text } = collector();
    let time = 0;
    const progress = createProgress('embedding, texts', { stream, interval: 1_000, now: () => time });
    for (const [at, done] of [
      [0, 0],
      [100, 1],
      [1_000, 25],
      [1_500, 50],
      [4_000, 100],
    ] as const) {
      time = at;
      progress.update(done, 100);
    }
    progress.stop();
    // 25 texts in 1 s: the other 75 take 3 s.
    expect(text().split('\n')).toEqual([
      'embedding, texts: 0/100 (0 %)',
      'embedding, texts: 25/100 (25 %), 3 s left',
      'embedding, texts: 100/100 (100 %), took 4 s',
      '',
    ]);
  });

  it('shows counts alone where the total is not known', () => {
    const { stream, text } = collector();
    createProgress('rows', { stream }).update(7, undefined, '3 rows/s');
    expect(text()).toBe('rows: 7, 3 rows/s\n');
  });

  it('writes a note behind the counts, and nothing that moves the cursor', () => {
    const { stream, text } = collector();
    createProgress('epochs', { stream }).update(1, 2, 'loss 0.5');
    expect(text()).toBe('epochs: 1/2 (50 %), loss 0.5\n');
  });
});

describe('createProgress on a terminal', () => {
  it('draws a bar with counts', () => {
    const { stream, text } = collector(true);
    const progress = createProgress('epochs', { stream: Object.assign(stream, { columns: 80 }) });
    progress.update(1, 2);
    progress.update(2, 2);
    progress.stop();
    expect(text()).toContain('2/2');
    expect(text()).toContain('epochs');
  });

  it('ends its line where the total is not known', () => {
    const { stream, text } = collector(true);
    const progress = createProgress('rows', { stream });
    progress.update(7, undefined, '3 rows/s');
    progress.stop();
    expect(text()).toContain('rows: 7 | 3 rows/s');
    expect(text().endsWith('\n')).toBe(true);
  });
});
