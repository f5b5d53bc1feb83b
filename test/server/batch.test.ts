import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseLine } from '../../src/server/batch.ts';
import { bodyOf, expectProblem, type Harness, type Loose, sleep, start, TEXT, until } from './harness.ts';

const NDJSON = { 'content-type': 'application/x-ndjson' };
let server: Harness;
beforeAll(async () => {
  server = await start({ bodyLimit: '2000', receiveTimeout: '1500', queueTexts: '64' });
});
afterAll(() => server.stop());

const parse = (text: string): Loose[] =>
  text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
async function batch(lines: readonly unknown[]): Promise<Loose[]> {
  const body = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  const response = await server.post('/classify/batch', body, NDJSON);
  expect(response.status).toBe(200);
  return parse(await response.text());
}

describe('POST /classify/batch', () => {
  it('answers every line in its place, as /classify would', async () => {
    const answers = await batch([
      { id: 'a', text: TEXT },
      { id: 7, text: 'فاز الفريق بالبطولة', title: 'رياضة', return_all_scores: false },
      { text: TEXT, threshold: 1 },
    ]);

    const alone = await bodyOf(await server.classify({ text: TEXT }));
    expect(answers[0]).toEqual({ line: 1, id: 'a', ...alone });
    expect(answers[1]).toMatchObject({ line: 2, id: 7 });
    expect(answers[2]).toMatchObject({ line: 3, reasons: expect.arrayContaining(['no-label']) });
  });

  it('puts an error in the place of a bad line, with its id where it has one', async () => {
    const answers = await batch([
      { text: TEXT },
      'no json',
      '',
      { id: 'x', text: '' },
      { id: 'y', text: '😀' },
      `"${'x'.repeat(3_000)}"`,
      { id: 'z', text: TEXT, threshold: { 'no-such': 1 } },
      '{"text":"\\ud800"}',
      'null',
      { text: TEXT },
    ]);

    expect(answers.map(({ line, id, error }) => [line, id, error?.code])).toEqual([
      [1, undefined, undefined],
      [2, undefined, 'request-invalid'],
      [4, 'x', 'request-invalid'],
      [5, 'y', 'text-unreadable'],
      [6, undefined, 'body-too-large'],
      [7, 'z', 'label-unknown'],
      [8, undefined, 'text-unreadable'],
      [9, undefined, 'request-invalid'],
      [10, undefined, undefined],
    ]);
  });

  it('answers more lines than the queue holds, in order', async () => {
    const answers = await batch(Array.from({ length: 300 }, (_, i) => ({ id: i, text: `نص رقم ${i % 90}` })));

    expect(answers.map(({ id }) => id)).toEqual(Array.from({ length: 300 }, (_, i) => i));
    expect(answers.every(({ error }) => error === undefined)).toBe(true);
  });

  it('explains more sentences than the queue holds', async () => {
    const text = Array.from({ length: 12 }, (_, i) => `هذه هي الجملة رقم ${i}.`).join(' ');
    const answers = await batch(
      Array.from({ length: 16 }, (_, i) => ({ text: `${text} ${i}`, explain: true })),
    );

    expect(answers).toHaveLength(16);
    for (const { explanation } of answers) expect(explanation[0].sentences.length).toBeGreaterThan(10);
  });

  it('answers while the request is still being sent', async () => {
    const stream = request(`${server.url}/classify/batch`, { method: 'POST', headers: NDJSON });
    let received = '';
    const ended = new Promise<void>((resolve, reject) => {
      stream.once('error', reject);
      stream.once('response', (response) => {
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          received += chunk;
        });
        response.once('end', resolve);
      });
    });
    for (let i = 0; i < 3; i++) {
      stream.write(`${JSON.stringify({ id: i, text: `نص ${i}` })}\n`);
      await until(() => parse(received).length === i + 1);
    }

    stream.end(JSON.stringify({ id: 'last', text: TEXT }));
    await ended;

    expect(parse(received).at(-1)).toMatchObject({ id: 'last', line: 4 });
  });

  it('gives up a client that stops sending, and says so in the last line', async () => {
    const stream = request(`${server.url}/classify/batch`, { method: 'POST', headers: NDJSON });
    stream.on('error', () => {});
    const received = new Promise<string>((resolve) => {
      stream.once('response', (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.once('close', () => resolve(text));
        response.once('error', () => {});
      });
    });
    stream.write(`${JSON.stringify({ text: TEXT })}\n{"text":`);

    const lines = parse(await received);

    expect(lines.map(({ error }) => error?.code)).toEqual([undefined, 'request-timeout']);
  });

  it('answers an empty stream with an empty one', async () => {
    expect(await batch([])).toEqual([]);
  });

  it('takes nothing but plain JSON lines', async () => {
    await expectProblem(
      await server.post('/classify/batch', 'x', { 'content-type': 'text/plain' }),
      415,
      'media-type-unsupported',
    );
    await expectProblem(
      await server.post('/classify/batch', 'x', { ...NDJSON, 'content-encoding': 'gzip' }),
      415,
      'media-type-unsupported',
    );
  });

  it('keeps /classify answering while streams run', async () => {
    const lines = Array.from({ length: 400 }, (_, i) => ({ text: `${TEXT} ${i}` }));
    const streams = [batch(lines)];
    await sleep(30);

    expect((await server.classify({ text: TEXT })).status).toBe(200);

    expect((await Promise.all(streams)).flat()).toHaveLength(400);
    expect(server.faults()).toEqual([]);
  });
});

describe('parseLine', () => {
  it('keeps the id of a line that breaks the schema, unless that is what is wrong', () => {
    expect(parseLine({ number: 3, text: '{"id":"a","text":1}' }, 100)).toMatchObject({ line: 3, id: 'a' });
    expect(parseLine({ number: 3, text: '{"id":[],"text":"نص"}' }, 100)).toMatchObject({
      id: undefined,
      error: { code: 'request-invalid' },
    });
  });
});
