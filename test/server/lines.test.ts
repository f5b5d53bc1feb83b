import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Line, readLines } from '../../src/server/lines.ts';

async function linesOf(bytes: Uint8Array, cuts: readonly number[], limit = 1_000): Promise<Line[]> {
  async function* chunks() {
    const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
    for (let i = 0; i + 1 < at.length; i++) yield bytes.subarray(at[i], at[i + 1]);
  }
  const lines: Line[] = [];
  for await (const line of readLines(chunks(), limit)) lines.push(line);
  return lines;
}

describe('readLines', () => {
  it('gives the same lines however the bytes are cut', async () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, '').trim());
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.array(fc.nat()), async (texts, cuts) => {
        const expected = texts.flatMap((text, i) => (text === '' ? [] : [{ number: i + 1, text }]));

        expect(await linesOf(Buffer.from(texts.join('\n')), cuts, 10_000)).toEqual(expected);
        expect(await linesOf(Buffer.from(texts.join('\r\n')), cuts, 10_000)).toEqual(expected);
      }),
    );
  });

  it('puts a fault in the place of a line that is too long or no UTF-8, and goes on', async () => {
    const bytes = Buffer.concat([
      Buffer.from('ok\n'),
      Buffer.alloc(50, 'x'),
      Buffer.from([0x0a, 0xff, 0x0a]),
      Buffer.from('نعم'),
    ]);

    expect(await linesOf(bytes, [4, 9, 20], 10)).toEqual([
      { number: 1, text: 'ok' },
      { number: 2, fault: 'too-long' },
      { number: 3, fault: 'utf8' },
      { number: 4, text: 'نعم' },
    ]);
  });
});
