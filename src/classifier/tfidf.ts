/** TF-IDF over hashed n-grams: sparse rows whose word part and character part are unit vectors each. */

import { createNgramCounter, type NgramOptions } from '../text/ngrams.ts';

/** Rows in compressed form: row i holds the entries offsets[i] to offsets[i + 1]. */
export interface SparseRows {
  columns: number;
  /** [n + 1] */
  offsets: Uint32Array;
  /** Column of each entry. */
  indices: Uint32Array;
  values: Float32Array;
}

export interface Tfidf {
  options: NgramOptions;
  /** Buckets in use, ascending; column i stands for buckets[i]. */
  buckets: Uint32Array;
  /** Inverse document frequency of each column. */
  idf: Float32Array;
}

export const NGRAMS: NgramOptions = { words: [1, 2], characters: [3, 4], buckets: 2 ** 18 };

/** Rows of no columns: what stands in for n-grams where they are not used. */
export const noNgrams = (rows: number): SparseRows => ({
  columns: 0,
  offsets: new Uint32Array(rows + 1),
  indices: new Uint32Array(0),
  values: new Float32Array(0),
});

/** How many texts must hold an n-gram for it to be used: the rarest are noise once there are many texts. */
export const leastTexts = (texts: number) => (texts < 200 ? 1 : texts < 1_000 ? 2 : texts < 5_000 ? 3 : 5);

/**
 * Smoothed inverse document frequencies, ln((1 + n) / (1 + df)) + 1, as scikit-learn's TfidfTransformer has them.
 * @param leastTexts Buckets met in fewer texts are not used.
 */
export function fitTfidf(
  texts: readonly string[],
  leastTexts: number,
  options: NgramOptions = NGRAMS,
): Tfidf {
  const frequency = new Uint32Array(options.buckets);
  const count = createNgramCounter(options);
  for (const text of texts) for (const bucket of count(text).columns) frequency[bucket]! += 1;
  const buckets = Uint32Array.from(frequency.keys()).filter((bucket) => frequency[bucket]! >= leastTexts);
  const idf = Float32Array.from(
    buckets,
    (bucket) => Math.log((1 + texts.length) / (1 + frequency[bucket]!)) + 1,
  );
  return { options, buckets, idf };
}

/** A function that weighs texts under one set of frequencies; it keeps the columns' positions between calls. */
export type NgramWeigher = (texts: readonly string[]) => SparseRows;

/**
 * Weights (1 + ln tf) · idf; the words of a row and its characters are scaled to length 1 each.
 * @param mostPerText The heaviest entries kept of one text: long articles hold thousands that weigh next to nothing.
 */
export function createNgramWeigher(
  { options, buckets, idf }: Tfidf,
  mostPerText = Number.POSITIVE_INFINITY,
): NgramWeigher {
  const count = createNgramCounter(options, buckets);
  /** Columns below it stand for words, the others for characters. */
  const firstCharacters = buckets.filter((bucket) => bucket < options.buckets / 2).length;

  /** 1 + ln tf for the small counts that nearly all are. */
  const damped = Float64Array.from({ length: 64 }, (_, tf) => 1 + Math.log(tf));
  const damp = (tf: number) => damped[tf] ?? 1 + Math.log(tf);

  /** Reused from text to text and from call to call: bulk work would throw away megabytes every second. */
  let scratch = new Float64Array(0);
  let all = { indices: new Uint32Array(0), values: new Float32Array(0) };

  function reserve(size: number, used: number): void {
    if (scratch.length < size) scratch = new Float64Array(2 * size);
    if (all.indices.length >= used + size) return;
    const grown = {
      indices: new Uint32Array(2 * (used + size)),
      values: new Float32Array(2 * (used + size)),
    };
    grown.indices.set(all.indices.subarray(0, used));
    grown.values.set(all.values.subarray(0, used));
    all = grown;
  }

  /**
   * Writes a text's entries into `all` from `start` on, and returns where they end. Plain loops over typed arrays: this
   * runs over thousands of n-grams of every text.
   */
  function weighOne(text: string, start: number): number {
    const { columns, counts } = count(text);
    const size = columns.length;
    reserve(size, start);
    let words = 0;
    let characters = 0;
    for (let i = 0; i < size; i++) {
      const column = columns[i]!;
      const value = damp(counts[i]!) * idf[column]!;
      if (column < firstCharacters) words += value * value;
      else characters += value * value;
      scratch[i] = value;
    }
    const wordScale = 1 / Math.sqrt(words || 1);
    const characterScale = 1 / Math.sqrt(characters || 1);
    for (let i = 0; i < size; i++) scratch[i]! *= columns[i]! < firstCharacters ? wordScale : characterScale;
    const floor = size <= mostPerText ? 0 : select(scratch.slice(0, size), size - mostPerText);
    let end = start;
    for (let i = 0; i < size && end - start < mostPerText; i++) {
      if (scratch[i]! < floor) continue;
      all.indices[end] = columns[i]!;
      all.values[end] = scratch[i]!;
      end += 1;
    }
    return end;
  }

  return (texts) => {
    const offsets = new Uint32Array(texts.length + 1);
    for (const [row, text] of texts.entries()) offsets[row + 1] = weighOne(text, offsets[row]!);
    const end = offsets[texts.length]!;
    return {
      columns: buckets.length,
      offsets,
      indices: all.indices.slice(0, end),
      values: all.values.slice(0, end),
    };
  };
}

/** The value that would stand at `rank` if `values` were sorted; reorders them (Hoare 1961, "Algorithm 65: Find"). */
function select(values: Float64Array, rank: number): number {
  let [left, right] = [0, values.length - 1];
  while (left < right) {
    const pivot = values[(left + right) >> 1]!;
    let [i, j] = [left, right];
    while (i <= j) {
      while (values[i]! < pivot) i += 1;
      while (values[j]! > pivot) j -= 1;
      if (i > j) break;
      const swapped = values[i]!;
      values[i] = values[j]!;
      values[j] = swapped;
      i += 1;
      j -= 1;
    }
    if (rank <= j) right = j;
    else if (rank >= i) left = i;
    else break;
  }
  return values[rank]!;
}

/** The given rows, in that order. */
export function selectRows(source: SparseRows, rows: readonly number[]): SparseRows {
  const offsets = new Uint32Array(rows.length + 1);
  for (const [i, row] of rows.entries())
    offsets[i + 1] = offsets[i]! + source.offsets[row + 1]! - source.offsets[row]!;
  const indices = new Uint32Array(offsets[rows.length]!);
  const values = new Float32Array(indices.length);
  for (const [i, row] of rows.entries()) {
    const [from, to] = [source.offsets[row]!, source.offsets[row + 1]!];
    indices.set(source.indices.subarray(from, to), offsets[i]!);
    values.set(source.values.subarray(from, to), offsets[i]!);
  }
  return { columns: source.columns, offsets, indices, values };
}
