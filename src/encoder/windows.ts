/** Packs the tokens of a text's sentences into windows. */

export interface Packed {
  /** Token ids of each window, without special tokens. */
  windows: number[][];
  /** Tokens of the whole text, cut or not, special tokens not counted. */
  tokens: number;
  truncated: boolean;
}

/**
 * Fills windows with whole sentences while they fit; a sentence longer than a window is split where the window ends.
 * Tokens beyond `limit` are cut.
 * @param room Tokens a window holds beside its special tokens and prefix.
 */
export function packSentences(sentences: readonly number[][], room: number, limit: number): Packed {
  const windows: number[][] = [];
  const tokens = sentences.reduce((sum, ids) => sum + ids.length, 0);
  let left = limit;
  let current: number[] = [];
  const close = () => {
    if (current.length > 0) windows.push(current);
    current = [];
  };
  for (const sentence of sentences) {
    let ids = sentence.slice(0, left);
    left -= ids.length;
    if (current.length + ids.length > room && ids.length <= room) close();
    while (ids.length > 0) {
      const part = ids.slice(0, room - current.length);
      current.push(...part);
      ids = ids.slice(part.length);
      if (current.length === room) close();
    }
  }
  close();
  return { windows, tokens, truncated: tokens > limit };
}
