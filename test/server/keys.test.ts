import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem, type Harness, start, TEXT } from './harness.ts';

const hash = (key: string) => createHash('sha256').update(key).digest('hex');
let server: Harness;
beforeAll(async () => {
  server = await start({
    apiKeys: [hash('old'), hash('new')].join(','),
    adminKey: hash('admin'),
    rateLimit: '12',
    corsOrigins: 'https://desk.example',
  });
});
afterAll(() => server.stop());

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

describe('API keys', () => {
  it('open the service, each of them, in either header', async () => {
    expect((await server.classify({ text: TEXT }, bearer('old'))).status).toBe(200);
    expect((await server.classify({ text: TEXT }, { 'x-api-key': 'new' })).status).toBe(200);
  });

  it.each(['/classify', '/classify/batch'])(
    'are asked for at %s before the body is looked at',
    async (path) => {
      const response = await server.post(path, 'not json');
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      await expectProblem(response, 401, 'unauthorised');
    },
  );

  it('are asked for by /info and /metrics, not by /health, /ready and the documents', async () => {
    for (const path of ['/info', '/metrics'])
      await expectProblem(await server.get(path, bearer('x')), 401, 'unauthorised');
    for (const path of ['/health', '/ready', '/openapi.json', '/docs'])
      expect((await server.get(path)).status).toBe(200);
  });

  it('are in no log line; the head of their hash is', () => {
    const lines = JSON.stringify(server.lines);
    expect(lines).not.toMatch(/"old"|"new"|Bearer/);
    expect(lines).toContain(hash('old').slice(0, 8));
  });
});

describe('the admin key', () => {
  it('opens what an API key does not', async () => {
    await expectProblem(await server.post('/admin/reload', '', bearer('old')), 403, 'forbidden');
    await expectProblem(await server.post('/admin/reload', ''), 403, 'forbidden');
    await expectProblem(
      await server.post('/admin/rollback', '', bearer('admin')),
      409,
      'rollback-impossible',
    );
  });
});

describe('CORS', () => {
  it('is open to the origins named, and to no other', async () => {
    const preflight = (origin: string) =>
      fetch(`${server.url}/classify`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type',
        },
      });

    const allowed = await preflight('https://desk.example');
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://desk.example');
    const refused = await preflight('https://evil.example');
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('the rate limit', () => {
  it('counts each key for itself, and says when to come back', async () => {
    let refused: Response | undefined;
    for (let i = 0; i < 20; i++) {
      const response = await server.get('/info', bearer('new'));
      if (response.status !== 200) refused ??= response;
    }

    expect(Number(refused!.headers.get('retry-after'))).toBeGreaterThan(0);
    await expectProblem(refused!, 429, 'rate-limited');
    expect((await server.get('/info', bearer('old'))).status).toBe(200);
    expect((await server.get('/health')).status).toBe(200);
  });
});
