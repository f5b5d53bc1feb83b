import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { type Log, silentLog } from '../../src/server/log.ts';
import { type Running, startServer } from '../../src/server/serve.ts';

const REFERENCE = 'تمكن جهاز مكافحة الإرهاب من إحباط مخطط إرهابي في كركوك بعد عملية استخبارية ناجحة';
let server: Running;
const faults: unknown[] = [];
const log: Log = { ...silentLog, error: (...fault: unknown[]) => void faults.push(fault) };

beforeAll(async () => {
  const config = loadConfig({ port: '0', workers: '1', bodyLimit: '20000', maxTexts: '4' }, {});
  server = await startServer(config, log);
});
afterAll(() => server.stop());

const post = (
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = { 'content-type': 'application/json' },
) => fetch(`${server.url}/classify`, { method: 'POST', body, headers });
const classify = (body: unknown) => post(JSON.stringify(body));

/** The body of a response, as loose as a client without types sees it. */
// biome-ignore lint/suspicious/noExplicitAny: the assertions state the shape
const json = async (response: Response): Promise<any> => response.json();

async function expectProblem(response: Response, status: number, code: string) {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  const problem = await json(response);
  expect(problem).toMatchObject({ status, code, type: `urn:rasid:${code}` });
  expect(JSON.stringify(problem)).not.toMatch(/node_modules|\.ts:|\bat /);
  return problem;
}

describe('POST /classify', () => {
  it('answers one text with labels, names, scores and the model', async () => {
    const answer = await json(await classify({ text: REFERENCE }));

    expect(answer.heads.topics.accepted[0]).toMatchObject({
      id: expect.any(String),
      name: { ar: expect.stringMatching(/\p{Script=Arabic}/u) },
    });
    expect(Object.keys(answer.heads.topics.scores)).toHaveLength(17);
    expect(answer.heads.sentiment.accepted.score).toBeGreaterThan(0.3);
    expect(answer).toMatchObject({
      truncated: false,
      tokens: expect.any(Number),
      model: server.current().pipeline.classifier.id,
    });
  });

  it('answers several texts in their order, each as it would alone', async () => {
    const texts = [REFERENCE, 'ارتفعت أسعار النفط في الأسواق العالمية', 'فاز الفريق بالبطولة'];
    const { results } = await json(await classify({ texts }));

    for (const [i, text] of texts.entries()) expect(await json(await classify({ text }))).toEqual(results[i]);
  });

  it('says when a text looks like HTML', async () => {
    expect((await json(await classify({ text: `<p>${REFERENCE}</p>` }))).html).toBe(true);
  });

  it.each([
    [{}, ''],
    [{ text: 5 }, 'text'],
    [{ text: '' }, 'text'],
    [{ text: 'نص', texts: ['نص'] }, ''],
    [{ texts: [] }, 'texts'],
    [{ texts: ['نص', 7] }, 'texts.1'],
    [{ texts: Array(5).fill('نص') }, 'texts'],
    [{ text: 'نص', other: 1 }, ''],
    ['text', ''],
    [null, ''],
  ])('refuses %o with 400 and the path of the field', async (body, path) => {
    const problem = await expectProblem(await classify(body), 400, 'request-invalid');

    expect(problem.errors[0].path).toBe(path);
  });

  it.each(['😀😀', 'ًٌٍَ', 'ــــ', '\u200f\u202b\u200e', '   '])(
    'refuses %j, which holds nothing to read, with 422',
    async (text) => {
      await expectProblem(await classify({ text }), 422, 'text-unreadable');
    },
  );

  it('refuses a lone surrogate with 422', async () => {
    await expectProblem(await post('{"text":"نص \\ud800"}'), 422, 'text-unreadable');
  });

  it('refuses malformed JSON with 400', async () => {
    await expectProblem(await post('{"text": '), 400, 'request-invalid');
  });

  it('refuses bytes that are no UTF-8 with 422', async () => {
    const body = Uint8Array.from([...Buffer.from('{"text":"خبر '), 0xff, 0xfe, ...Buffer.from('"}')]);
    await expectProblem(await post(body), 422, 'utf8-invalid');
  });

  it('takes a body with a byte order mark', async () => {
    expect((await post('\ufeff{"text":"خبر عاجل"}')).status).toBe(200);
  });

  it('refuses an empty body with 400', async () => {
    await expectProblem(await post(''), 400, 'request-invalid');
  });

  it('refuses a body over the limit with 413', async () => {
    await expectProblem(await classify({ text: 'ن'.repeat(20_000) }), 413, 'body-too-large');
  });

  it.each([{ 'content-type': 'text/plain' }, { 'content-type': 'application/json; charset=latin1' }, {}])(
    'refuses %o with 415',
    async (headers: Record<string, string>) => {
      await expectProblem(
        await post(new TextEncoder().encode('{"text":"a"}'), headers),
        415,
        'media-type-unsupported',
      );
    },
  );

  it('is not shaken by __proto__', async () => {
    await expectProblem(await post('{"__proto__": {"text": "x"}}'), 400, 'request-invalid');
  });
});

describe('the other paths', () => {
  it('tell that the server is alive, ready, and what it serves', async () => {
    expect(await json(await fetch(`${server.url}/health`))).toEqual({ status: 'alive' });
    expect((await json(await fetch(`${server.url}/ready`))).status).toBe('ready');
    const info = await json(await fetch(`${server.url}/info`));
    expect(info.heads[0].labels).toHaveLength(17);
    expect(info.encoder.weights).toMatch(/^[0-9a-f]{64}$/);
  });

  it('answer 404 and 405 as problems', async () => {
    await expectProblem(await fetch(`${server.url}/nothing`), 404, 'not-found');
    const wrong = await fetch(`${server.url}/classify`);
    expect(wrong.headers.get('allow')).toBe('POST');
    await expectProblem(wrong, 405, 'method-not-allowed');
  });

  it('answer /health at once while a long text is encoded', async () => {
    const long = classify({ text: `${REFERENCE} `.repeat(100) });
    const began = performance.now();

    expect((await fetch(`${server.url}/health`)).status).toBe(200);

    expect(performance.now() - began).toBeLessThan(250);
    expect((await long).status).toBe(200);
  });

  it('leave no fault in the log', () => {
    expect(faults).toEqual([]);
  });
});

describe('stopping', () => {
  it('finishes what is under way, then closes', async () => {
    const own = await startServer(loadConfig({ port: '0', workers: '1' }, {}));
    // Different texts, long enough that most still wait when the server is told to stop.
    let answered = 0;
    const each = Array.from({ length: 8 }, async (_, i) => {
      const { status } = await fetch(`${own.url}/classify`, {
        method: 'POST',
        body: JSON.stringify({ text: `${i} ${REFERENCE.repeat(100)}` }),
        headers: { 'content-type': 'application/json' },
      });
      answered += 1;
      return status;
    });
    const answers = Promise.all(each);
    answers.catch(() => {}); // Met below, once the server has stopped.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(answered).toBeLessThan(8);

    await own.stop();

    expect(await answers).toEqual(Array(8).fill(200));
    const refused = new Promise((resolve) =>
      connect(Number(new URL(own.url).port), '127.0.0.1').once('error', resolve),
    );
    expect(await refused).toMatchObject({ code: 'ECONNREFUSED' });
  });
});
