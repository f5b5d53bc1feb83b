import { describe, expect, it } from 'vitest';
import { sizedOptions } from '../../src/classifier/prepare.ts';
import { DEFAULT_TRAINING } from '../../src/classifier/training-options.ts';

describe('options by the number of training rows', () => {
  it('gives small corpora small batches and every epoch', () => {
    expect(sizedOptions(56)).toMatchObject({ batchSize: 16, maxEpochs: DEFAULT_TRAINING.maxEpochs });
  });

  it('takes a sixteenth of the rows in one batch, to the nearest power of two', () => {
    expect(sizedOptions(1_024).batchSize).toBe(64);
    expect(sizedOptions(1_100).batchSize).toBe(64);
  });

  it('reads at most 300,000 rows in all epochs, but eight epochs at least', () => {
    expect(sizedOptions(20_000)).toMatchObject({ batchSize: 256, maxEpochs: 300_000 / 20_000 });
    expect(sizedOptions(1_000_000)).toMatchObject({ batchSize: 256, maxEpochs: 8 });
  });

  it('leaves more n-grams out of a step where there are many texts', () => {
    const shares = [56, 19_999, 20_000].map((rows) => sizedOptions(rows).wideDropout);

    expect(shares).toEqual([DEFAULT_TRAINING.wideDropout, DEFAULT_TRAINING.wideDropout, 0.75]);
  });

  it('asks more of n-grams the more texts they are learnt from, up to the default', () => {
    const weights = [56, 600, 1_500, 40_000].map((rows) => sizedOptions(rows).wideLossWeight);

    expect(weights).toEqual([0.019, 0.2, DEFAULT_TRAINING.wideLossWeight, DEFAULT_TRAINING.wideLossWeight]);
  });
});
