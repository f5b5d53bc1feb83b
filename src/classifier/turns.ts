/**
 * Classification in short turns of the event loop: texts that wait at the same time are classified in one call, which
 * costs less than one call each, and no call holds the loop for long.
 */

/** Most texts and characters of one turn: about 5 ms. */
const TURN = { texts: 8, characters: 20_000 };

interface Waiting<T> {
  text: string;
  /** [dim] */
  vector: Float32Array;
  resolve: (result: T) => void;
  reject: (error: unknown) => void;
}

/**
 * @param classify Results of texts and their vectors, row-major [texts, dim].
 * @returns The same, in turns; callers at the same time share them.
 */
export function classifyInTurns<T>(
  classify: (texts: readonly string[], vectors: Float32Array) => T[],
  dim: number,
): (texts: readonly string[], vectors: Float32Array) => Promise<T[]> {
  const waiting: Waiting<T>[] = [];

  function takeTurn(): Waiting<T>[] {
    let characters = 0;
    const end = waiting.findIndex(({ text }, i) => {
      characters += text.length;
      return i > 0 && (i === TURN.texts || characters > TURN.characters);
    });
    return waiting.splice(0, end < 0 ? waiting.length : end);
  }

  function run(): void {
    const turn = takeTurn();
    if (waiting.length > 0) setImmediate(run);
    const vectors = new Float32Array(turn.length * dim);
    for (const [i, { vector }] of turn.entries()) vectors.set(vector, i * dim);
    try {
      const results = classify(
        turn.map(({ text }) => text),
        vectors,
      );
      for (const [i, { resolve }] of turn.entries()) resolve(results[i]!);
    } catch (error) {
      for (const { reject } of turn) reject(error);
    }
  }

  return (texts, vectors) =>
    Promise.all(
      texts.map(
        (text, i) =>
          new Promise<T>((resolve, reject) => {
            if (waiting.length === 0) setImmediate(run);
            waiting.push({ text, vector: vectors.subarray(i * dim, (i + 1) * dim), resolve, reject });
          }),
      ),
    );
}
