/** Packs the tokens of a text's sentences into windows, and windows into batches. */

/** Token ids of one window without special tokens,. */
export interface Window {
  /** Index of the text within the call. */
  text: number;
  ids: number[];
}

export interface Packed {
  windows: Window[];
  /** Tokens of the whole text, cut or not, special tokens not counted. */
  tokens: number;
  truncated: boolean;
}

/**
 * Fills windows with whole sentences while they fit; a sentence longer than a window is split where the window ends.
 * Tokens beyond `limit` are cut.
 * @param room Tokens a window holds beside its special tokens and prefix.
 */
export function packSentences(text: number, sentences: number[][], room: number, limit: number): Packed {
  const windows: Window[] = [];
  const total = sentences.reduce((sum, ids) => sum + ids.length, 0);
  let left = limit;
  let current: Window = { text, ids: [] };
  const close = () => {
    if (current.ids.length > 0) windows.push(current);
    current = { text, ids: [] };
  };
  for (const all of sentences) {
    let ids = all.slice(0, left);
    left -= ids.length;
    if (current.ids.length + ids.length > room && ids.length <= room) close();
    while (ids.length > 0) {
      const part = ids.slice(0, room - current.ids.length);
      current.ids.push(...part);
      ids = ids.slice(part.length);
      if (current.ids.length === room) close();
    }
  }
  close();
  return { windows, tokens: total, truncated: total > limit };
}

/**
 * Groups windows of like length so that little is padding: sorted by length, longest first, each batch holding as many
 * as `batchTokens` padded tokens allow (at least one).
 * @param extra Tokens added to every window (special tokens and prefix).
 */
export function batchByLength<T extends { ids: number[] }>(
  windows: readonly T[],
  batchTokens: number,
  extra: number,
): T[][] {
  const sorted = [...windows].sort((a, b) => b.ids.length - a.ids.length);
  const batches: T[][] = [];
  let batch: T[] = [];
  let longest = 0;
  for (const window of sorted) {
    if (batch.length > 0 && (batch.length + 1) * longest > batchTokens) {
      batches.push(batch);
      batch = [];
    }
    if (batch.length === 0) longest = window.ids.length + extra;
    batch.push(window);
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
