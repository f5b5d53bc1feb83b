/** The bar of bulk work: bytes of the input, with rows and their rate. */

import type { BulkRun } from '../../src/bulk/run.ts';
import { createProgress } from './progress.ts';

/** Everything is done, but some rows stand in the rejects file. */
export const EXIT_REJECTED = 3;

/** @param total Bytes of all inputs; undefined: not known (standard input). */
export function bulkProgress(total: number | undefined): {
  update: NonNullable<BulkRun['onProgress']>;
  stop: () => void;
} {
  const bar = createProgress(total === undefined ? 'rows' : 'bytes read');
  const begun = performance.now();
  return {
    update({ bytes, tally, resumed }) {
      const rows = tally.answered + tally.rejected;
      const rate = ((rows - resumed) * 1_000) / (performance.now() - begun);
      const note = `${rows} rows, ${rate.toFixed(0)} rows/s, ${tally.rejected} rejected`;
      // All is read before all is answered: the end is told by the end alone.
      if (total === undefined) bar.update(rows, undefined, note);
      else bar.update(Math.min(bytes, total - 1), total, note);
    },
    stop: () => bar.stop(),
  };
}
