import { describe, expect, it } from 'vitest';
import { classifyInTurns } from '../../src/classifier/turns.ts';

/** Answers each text with itself and its vector; notes how many came together. */
function open(fails = '') {
  const turns: number[] = [];
  const run = classifyInTurns((texts, vectors) => {
    turns.push(texts.length);
    if (texts.includes(fails)) throw new Error('no');
    return texts.map((text, i) => `${text}${vectors[2 * i]}${vectors[2 * i + 1]}`);
  }, 2);
  return { turns, run };
}

describe('classifyInTurns', () => {
  it('gives each caller its own results, and one turn to those who come together', async () => {
    const { turns, run } = open();

    const answers = await Promise.all([
      run(['a', 'b'], Float32Array.of(1, 2, 3, 4)),
      run(['c'], Float32Array.of(5, 6)),
    ]);

    expect(answers).toEqual([['a12', 'b34'], ['c56']]);
    expect(turns).toEqual([3]);
  });

  it('lets others have their turn between eight texts, and before long ones', async () => {
    const { turns, run } = open();
    let others = 0;
    const many = run(Array(20).fill('x'), new Float32Array(40));
    const tick = () => setImmediate(() => ++others && turns.length < 3 && tick());
    tick();

    expect(await many).toHaveLength(20);
    expect(turns).toEqual([8, 8, 4]);
    expect(others).toBeGreaterThanOrEqual(2);

    await run(['y'.repeat(50_000), 'z'.repeat(50_000)], new Float32Array(4));
    expect(turns.slice(3)).toEqual([1, 1]);
  });

  it('fails the callers of a turn that fails, and no later one', async () => {
    const { run } = open('bad');
    await expect(run(['bad'], new Float32Array(2))).rejects.toThrow('no');
    expect(await run([], new Float32Array(0))).toEqual([]);
    expect(await run(['a'], Float32Array.of(1, 2))).toEqual(['a12']);
  });
});
