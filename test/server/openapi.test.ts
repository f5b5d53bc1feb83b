import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERRORS } from '../../src/errors.ts';
import { bodyOf, type Harness, type Loose, start } from './harness.ts';

let server: Harness;
let document: Loose;
beforeAll(async () => {
  server = await start();
  document = await bodyOf(await server.get('/openapi.json'));
});
afterAll(() => server.stop());

describe('/openapi.json', () => {
  it('is valid OpenAPI 3.1 by an independent validator', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone(document));

    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
    expect(validator.version).toBe('3.1');
  });

  it('lists every path that there is, and none that is not', async () => {
    for (const [path, operations] of Object.entries<Loose>(document.paths)) {
      const method = Object.keys(operations)[0]!.toUpperCase();
      const response = await fetch(server.url + path, { method });
      expect([path, response.status]).not.toEqual([path, 404]);
      expect(response.status).not.toBe(405);
    }
  });

  it('tells the limits and the error codes', () => {
    expect(document.components.schemas.Classify.properties.texts.maxItems).toBe(64);
    expect(document.components.schemas.Problem.properties.code.enum).toEqual(Object.keys(ERRORS));
    expect(document.components.schemas.Classify.required).toBeUndefined();
    expect(document.components.schemas.Line.required).toEqual(['text']);
  });
});

describe('/docs', () => {
  it('comes with all its files from this server', async () => {
    const page = await (await server.get('/docs')).text();
    const files = [...page.matchAll(/(?:src|href)="([^"]+)"/g)]
      .map(([, url]) => url!)
      .filter((url) => !url.startsWith('data:'));

    expect(files).toHaveLength(3);
    for (const file of files) {
      expect(file).not.toMatch(/^\w+:|^\/\//);
      const response = await server.get(`/${file}`);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch(/css|javascript/);
    }
    expect(page).not.toMatch(/<script>|style="/);
  });

  it('gives no other file of the package', async () => {
    for (const path of [
      '/docs/package.json',
      '/docs/../package.json',
      '/docs/index.html',
      '/docs/%2e%2e/package.json',
    ])
      expect((await server.get(path)).status).toBe(404);
  });
});
