/** Work that may run beside other work, and work that must run alone: in the order in which it was asked for. */

export interface Exclusion {
  together<Result>(work: () => Promise<Result>): Promise<Result>;
  alone<Result>(work: () => Promise<Result>): Promise<Result>;
}

export function createExclusion(): Exclusion {
  /** Settles with the last work that was asked to run alone. */
  let gate: Promise<unknown> = Promise.resolve();
  const running = new Set<Promise<unknown>>();
  return {
    together<Result>(work: () => Promise<Result>): Promise<Result> {
      const result = gate.then(work);
      const settled = result.catch(() => {}).finally(() => running.delete(settled));
      running.add(settled);
      return result;
    },
    alone<Result>(work: () => Promise<Result>): Promise<Result> {
      const result = Promise.all([gate, ...running]).then(work);
      gate = result.catch(() => {});
      return result;
    },
  };
}
