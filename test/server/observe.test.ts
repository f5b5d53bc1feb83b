import { afterEach, describe, expect, it } from 'vitest';
import { type Harness, start, TEXT } from './harness.ts';

let server: Harness;
afterEach(() => server.stop());

/** The series of a Prometheus text by name and labels. */
async function metrics(): Promise<Map<string, number>> {
  const text = await (await server.get('/metrics')).text();
  const rows = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    rows.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

describe('the log', () => {
  it('has one line a request, without its text', async () => {
    server = await start();
    await server.classify({ text: TEXT });
    await server.get(`/nothing/${encodeURIComponent(TEXT)}?text=${encodeURIComponent(TEXT)}`);

    const lines = server.lines.filter(({ message }) => message === 'request');
    expect(lines.map(({ fields }) => [fields.route, fields.status, fields.texts])).toEqual([
      ['/classify', 200, 1],
      ['other', 404, undefined],
    ]);
    expect(lines[0]!.fields).toMatchObject({
      method: 'POST',
      ms: expect.any(Number),
      tokens: expect.any(Number),
    });
    expect(JSON.stringify(server.lines)).not.toContain(TEXT);
    expect(JSON.stringify(server.lines)).not.toContain(encodeURIComponent(TEXT));
  });

  it('names a route as it is declared, however its path is written', async () => {
    server = await start();
    await server.get('/Health/');
    await server.post('/CLASSIFY', '{');

    const lines = server.lines.filter(({ message }) => message === 'request');
    expect(lines.map(({ fields }) => [fields.route, fields.status])).toEqual([
      ['/health', 200],
      ['/classify', 400],
    ]);
  });

  it('holds texts where the settings allow it', async () => {
    server = await start({ logTexts: 'true' });
    await server.classify({ text: TEXT });

    expect(JSON.stringify(server.lines)).toContain(TEXT);
  });
});

describe('/metrics', () => {
  it('counts requests, errors, batches, cached vectors, labels and confidence', async () => {
    server = await start();
    const before = await metrics();
    for (let i = 0; i < 3; i++) await server.classify({ text: TEXT });
    await server.classify({ text: 'خبر آخر' });
    await server.classify({ text: '' });
    const after = await metrics();
    const grown = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);

    expect(grown('rasid_requests_total{route="/classify",method="POST",status="200"}')).toBe(4);
    expect(grown('rasid_errors_total{code="request-invalid"}')).toBe(1);
    expect(grown('rasid_vectors_total{from="cached"}')).toBe(2);
    expect(grown('rasid_vectors_total{from="computed"}')).toBe(2);
    expect(grown('rasid_batch_texts_sum')).toBe(2);
    expect(grown('rasid_queue_wait_seconds_count')).toBe(2);
    expect(grown('rasid_inference_seconds_count')).toBe(2);
    for (const name of ['rasid_queue_texts', 'rasid_queue_tokens', 'rasid_workers', 'rasid_tensors'])
      expect(after.has(name)).toBe(true);
    const heads = server.current().pipeline.classifier.taxonomy.heads;
    for (const { id } of heads) {
      expect(grown(`rasid_confidence_count{head="${id}"}`)).toBe(4);
      const mean = grown(`rasid_confidence_sum{head="${id}"}`) / 4;
      expect(mean).toBeGreaterThan(0);
      expect(mean).toBeLessThanOrEqual(1);
    }
    expect([...after.keys()].some((key) => key.startsWith('rasid_labels_total{'))).toBe(true);
  });
});
