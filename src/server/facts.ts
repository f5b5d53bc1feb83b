/** What is known of a request while it is answered: for headers, the log and the metrics. */

import type { Response } from 'express';
import type { ErrorCode } from '../errors.ts';

export interface RequestFacts {
  id: string;
  /** `performance.now()` at the arrival. */
  began: number;
  /** The route as it is declared, so that there are few of them; else `other`. */
  route: string;
  /** Of the key that was sent, if it is known. */
  key?: string;
  texts?: number;
  tokens?: number;
  code?: ErrorCode;
  /** Where logs may hold them. */
  content?: readonly string[];
}

const facts = new WeakMap<object, RequestFacts>();

export function startFacts(response: Response, named: Pick<RequestFacts, 'id' | 'route'>): RequestFacts {
  const own: RequestFacts = { ...named, began: performance.now() };
  facts.set(response, own);
  return own;
}

/** @throws TypeError where the request was never started. */
export function factsOf(response: Response): RequestFacts {
  return facts.get(response)!;
}
