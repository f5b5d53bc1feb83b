/** Requests to the service, and its refusals as `ServiceError`. */

/** Seconds waited where the service asks to come back without saying when. */
const DEFAULT_WAIT = 1;

export class ServiceError extends Error {
  /** @param problem An RFC 9457 problem document, or what can be told without one. @param retryAfter Seconds. */
  constructor(problem, retryAfter) {
    super(problem.detail ?? problem.code ?? `HTTP ${problem.status}`);
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

let key = '';
/** Kept in memory only. */
export function useKey(value) {
  key = value.trim();
}
export const hasKey = () => key !== '';

export const address = (path) => new URL(path, document.baseURI).href;

async function readProblem(response) {
  try {
    const problem = await response.json();
    if (typeof problem === 'object' && problem !== null) return { ...problem, status: response.status };
  } catch {
    // A proxy's page, or nothing: the status has to do.
  }
  return { status: response.status, ...(response.status === 401 ? { code: 'unauthorised' } : {}) };
}

function retryAfter(response) {
  if (response.status !== 429 && response.status !== 503) return undefined;
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : DEFAULT_WAIT;
}

async function request(path, options) {
  const headers = { ...options.headers, ...(key === '' ? {} : { authorization: `Bearer ${key}` }) };
  let response;
  try {
    response = await fetch(address(path), { ...options, headers });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ServiceError({ code: 'unreachable' });
  }
  if (!response.ok) throw new ServiceError(await readProblem(response), retryAfter(response));
  try {
    return await response.json();
  } catch {
    throw new ServiceError({ code: 'unreachable' });
  }
}

/** What answers here: heads with thresholds, limits, features. @throws ServiceError */
export const fetchInfo = () => request('info', {});

/** @param body `{text}` or `{texts}`, with options. @throws ServiceError; AbortError. */
export const classify = (body, signal) =>
  request('classify', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  });

/** A shell refuses one argument of 128 KiB and more; beyond this length the body comes from a here-document. */
const LONGEST_ARGUMENT = 100_000;

const quoted = (text) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** The command that repeats a request, for a POSIX shell. The key is not shown: it is read from `$API_KEY`. */
export function curlCommand(body) {
  const json = JSON.stringify(body);
  const keyed = hasKey() ? ` \\\n  -H "authorization: Bearer $API_KEY"` : '';
  const head = `curl ${quoted(address('classify'))} \\\n  -H 'content-type: application/json'${keyed} \\\n `;
  return new TextEncoder().encode(json).length > LONGEST_ARGUMENT
    ? `${head} --data-binary @- <<'JSON'\n${json}\nJSON`
    : `${head} -d ${quoted(json)}`;
}
