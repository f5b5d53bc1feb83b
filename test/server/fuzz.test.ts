/** Whatever is sent: an answer or a problem that the OpenAPI document knows, and the next request is answered. */

import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bodyOf, type Harness, type Loose, start, TEXT } from './harness.ts';

let server: Harness;
let document: Loose;
beforeAll(async () => {
  server = await start({ bodyLimit: '100000', receiveTimeout: '2000' });
  document = await bodyOf(await server.get('/openapi.json'));
});
afterAll(() => server.stop());
afterEach(async () => {
  expect((await server.classify({ text: TEXT })).status).toBe(200);
  expect(server.faults()).toEqual([]);
});

/** Asserts that the status is one the document lists and that a refusal is a problem; returns the status. */
async function expectKnown(path: string, method: string, response: Response): Promise<number> {
  const known = Object.keys(document.paths[path][method].responses).map(Number);
  const text = await response.text();
  expect(known).toContain(response.status);
  expect(response.status).not.toBe(500);
  if (response.status >= 400) {
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(JSON.parse(text)).toMatchObject({ status: response.status, code: expect.any(String) });
    expect(text).not.toMatch(/node_modules|\.ts:/);
  }
  return response.status;
}

/** Values that a JSON Schema admits, as far as this document uses it, and now and then one that it does not. */
function valuesOf(schema: Loose): fc.Arbitrary<unknown> {
  const { $ref, anyOf, oneOf, type } = schema;
  if ($ref !== undefined) return valuesOf(document.components.schemas[$ref.split('/').at(-1)]);
  let values: fc.Arbitrary<unknown>;
  if (anyOf !== undefined) values = fc.oneof(...anyOf.map(valuesOf));
  else if (type === 'object' && schema.properties !== undefined) {
    const keys = Object.keys(schema.properties);
    const always: string[] = schema.required ?? [];
    const some = oneOf?.map(({ required }: Loose) => required[0]) ?? [];
    const fields = Object.fromEntries(keys.map((key) => [key, valuesOf(schema.properties[key])]));
    const base = fc.record(fields, { requiredKeys: always });
    values =
      some.length === 0
        ? base
        : fc.tuple(base, fc.constantFrom<string>(...some)).chain(([record, one]) =>
            valuesOf(schema.properties[one]).map((value) => {
              const rest = Object.entries(record as object).filter(([key]) => !some.includes(key));
              return { ...Object.fromEntries(rest), [one]: value };
            }),
          );
  } else if (type === 'object')
    values = fc.dictionary(fc.string(), valuesOf(schema.additionalProperties ?? {}));
  else if (type === 'array') values = fc.array(valuesOf(schema.items), { maxLength: 5 });
  else if (type === 'string')
    values = fc.oneof(fc.constantFrom('نص', TEXT), fc.string({ unit: 'binary', maxLength: 60 }));
  else if (type === 'number')
    values = fc.double({ min: schema.minimum ?? -1e9, max: schema.maximum ?? 1e9, noNaN: true });
  else if (type === 'boolean') values = fc.boolean();
  else values = fc.jsonValue();
  return fc.oneof({ weight: 30, arbitrary: values }, { weight: 1, arbitrary: fc.jsonValue() });
}

const NDJSON = { 'content-type': 'application/x-ndjson' };

describe('requests made from the OpenAPI document', () => {
  it('are answered or refused as it says: /classify', async () => {
    const statuses = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(valuesOf(document.components.schemas.Classify), async (body) => {
        const status = await expectKnown('/classify', 'post', await server.classify(body));
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }),
      { numRuns: 300 },
    );
    // A fuzz run that is always refused would prove little.
    expect(statuses.get(200)).toBeGreaterThan(20);
  });

  it('are answered line by line: /classify/batch', async () => {
    const lines = fc.array(
      fc.oneof(
        valuesOf(document.components.schemas.Line).map((value) => JSON.stringify(value)),
        fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', ' ')),
      ),
      { maxLength: 10 },
    );
    await fc.assert(
      fc.asyncProperty(lines, async (sent) => {
        const response = await server.post('/classify/batch', sent.join('\n'), NDJSON);
        expect(response.status).toBe(200);
        const answers = (await response.text())
          .split('\n')
          .flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));

        const expected = sent.flatMap((line, i) => (line.toWellFormed().trim() === '' ? [] : [i + 1]));
        expect(answers.map(({ line }: Loose) => line)).toEqual(expected);
        for (const { error, heads } of answers) {
          expect(error === undefined).toBe(heads !== undefined);
          expect(error?.code).not.toBe('internal');
        }
      }),
      { numRuns: 100 },
    );
  });

  it('are answered or refused as it says: every path, with any method, query and header', async () => {
    const wild = fc.record({
      path: fc.constantFrom(...Object.keys(document.paths)),
      suffix: fc.oneof(
        fc.constant(''),
        fc.webQueryParameters().map((query) => `?${query}`),
      ),
      method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'),
      type: fc.constantFrom(
        'application/json',
        'text/plain',
        'application/x-ndjson',
        'application/json; charset=utf-7',
        'x',
      ),
      encoding: fc.constantFrom(undefined, 'gzip', 'br', 'identity', 'x'),
      header: fc.stringMatching(/^[!-~]{0,80}$/),
      body: fc.uint8Array({ maxLength: 200 }),
    });
    await fc.assert(
      fc.asyncProperty(wild, async ({ path, suffix, method, type, encoding, header, body }) => {
        const takesBody = !['GET', 'HEAD'].includes(method);
        const response = await fetch(server.url + path + suffix, {
          method,
          headers: {
            'content-type': type,
            authorization: header,
            'x-request-id': header,
            origin: header,
            ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
          },
          ...(takesBody ? { body: Uint8Array.from(body) } : {}),
        });
        const text = await response.text();
        expect(response.status).toBeLessThan(500);
        if (response.status >= 400 && method !== 'HEAD')
          expect(JSON.parse(text)).toMatchObject({ status: response.status, code: expect.any(String) });
      }),
      { numRuns: 400 },
    );
  });

  it('are refused at paths that do not exist', async () => {
    await fc.assert(
      fc.asyncProperty(fc.webPath(), async (path) => {
        const response = await fetch(new URL(`${server.url}/x${path}`));
        expect([400, 404]).toContain(response.status);
        expect((await bodyOf(response)).code).toMatch(/not-found|request-invalid/);
      }),
      { numRuns: 100 },
    );
  });
});

describe('bodies made to hurt', () => {
  const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
  it.each([
    ['deep arrays', nested('[', ']', 40_000)],
    ['deep objects', `${'{"text":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    ['__proto__', '{"__proto__":{"text":"x"},"text":"نص"}'],
    ['constructor', '{"constructor":{"prototype":{"a":1}},"text":"نص"}'],
    [
      'threshold of many labels',
      `{"text":"نص","threshold":{${Array.from({ length: 6_000 }, (_, i) => `"l${i}":0.1`)}}}`,
    ],
    ['a huge number', `{"text":"نص","threshold":1e999}`],
    ['a long unknown key', `{"text":"نص","${'k'.repeat(50_000)}":1}`],
    ['many unknown keys', `{"text":"نص",${Array.from({ length: 8_000 }, (_, i) => `"k${i}":1`)}}`],
    ['half a character', '{"text":"\\ud83d"}'],
    ['nothing but spaces', `{"text":"${' '.repeat(50_000)}"}`],
    ['a body cut short', '{"text":"نص'],
    ['an empty body', ''],
    ['too long', `{"text":"${'a'.repeat(200_000)}"}`],
  ])('are refused: %s', async (_what, body) => {
    const began = performance.now();
    const response = await server.post('/classify', body);
    const status = await expectKnown('/classify', 'post', response);

    expect(status).toBeGreaterThanOrEqual(400);
    expect(Number(response.headers.get('content-length'))).toBeLessThan(10_000);
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('a threshold for __proto__ changes nothing', async () => {
    const body = '{"text":"نص","threshold":{"__proto__":0}}';
    const plain = await bodyOf(await server.classify({ text: 'نص' }));

    expect(await bodyOf(await server.post('/classify', body))).toEqual(plain);
  });

  it.each([
    ['one long word', 'ن'.repeat(45_000)],
    ['marks without end', `ا${'ّ'.repeat(45_000)}`],
    ['full stops', `نص ${'. '.repeat(45_000)}`],
    ['tags', `نص ${'<p>'.repeat(30_000)}`],
    ['every kind of space', `نص${'\u00a0\u2003\t\r\n'.repeat(8_000)}`],
    ['null characters', `نص${'\u0000'.repeat(15_000)}`],
  ])('are answered in time: %s', async (_what, text) => {
    const began = performance.now();
    expect((await server.classify({ text })).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('zip bombs are cut at the limit', async () => {
    const { gzipSync } = await import('node:zlib');
    const bomb = Uint8Array.from(gzipSync(Buffer.alloc(50_000_000, 0x20)));
    const response = await server.post('/classify', bomb, {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    });
    expect(await expectKnown('/classify', 'post', response)).toBe(413);
  });
});
