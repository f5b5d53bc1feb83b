/** Lines of a byte stream, one at a time: memory is bounded by the longest line that is allowed. */

export type Line = { number: number } & ({ text: string } | { fault: 'too-long' | 'utf8' });

const NEWLINE = 0x0a;

/**
 * Lines from 1, without their ends; blank ones are left out but counted. A line that is too long or no UTF-8 comes as a
 * fault in its place.
 * @param limit Longest line, bytes.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let number = 0;
  let parts: Uint8Array[] = [];
  let length = 0;

  function finish(): Line | undefined {
    number += 1;
    const bytes = length > limit ? undefined : Buffer.concat(parts);
    const wasLong = length > limit;
    parts = [];
    length = 0;
    if (wasLong) return { number, fault: 'too-long' };
    try {
      const text = decoder.decode(bytes).trim();
      return text === '' ? undefined : { number, text };
    } catch {
      return { number, fault: 'utf8' };
    }
  }

  for await (const chunk of chunks) {
    let start = 0;
    while (start < chunk.length) {
      const found = chunk.indexOf(NEWLINE, start);
      const end = found < 0 ? chunk.length : found;
      length += end - start;
      if (length <= limit) parts.push(chunk.subarray(start, end));
      else parts = [];
      start = end + 1;
      if (found < 0) break;
      const line = finish();
      if (line !== undefined) yield line;
    }
  }
  if (length > 0) {
    const line = finish();
    if (line !== undefined) yield line;
  }
}
