/** Work on several items at a time, with the results in the order of the items and no more read than is under way. */

/**
 * @param ahead Items under way at most. The consumer's own work overlaps with theirs; while it does not take results,
 *   nothing more is read.
 * @throws What `work` throws, at the item's turn; what `source` throws, after the results of everything before it.
 */
export async function* mapInOrder<Item, Result>(
  source: AsyncIterable<Item>,
  work: (item: Item) => Promise<Result>,
  ahead: number,
): AsyncGenerator<Result> {
  const pending: Promise<Result>[] = [];
  const iterator = source[Symbol.asyncIterator]();
  let fault: { error: unknown } | undefined;
  let isDone = false;
  try {
    while (!isDone || pending.length > 0) {
      while (!isDone && pending.length < ahead) {
        try {
          const { done, value } = await iterator.next();
          if (done) isDone = true;
          else {
            const result = work(value);
            // Awaited in its turn; until then a failure must not count as unhandled.
            result.catch(() => {});
            pending.push(result);
          }
        } catch (error) {
          fault = { error };
          isDone = true;
        }
      }
      if (pending.length > 0) yield await pending.shift()!;
    }
  } finally {
    if (!isDone) await iterator.return?.();
  }
  if (fault !== undefined) throw fault.error;
}
