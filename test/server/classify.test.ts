import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bodyOf, expectProblem, type Harness, type Loose, start, TEXT } from './harness.ts';

let server: Harness;
beforeAll(async () => {
  server = await start();
});
afterAll(() => server.stop());

const answer = async (body: unknown): Promise<Loose> => bodyOf(await server.classify(body));
/** The multi-label head of the taxonomy that is served, whatever it is called. */
const multiLabel = async () => {
  const info = await bodyOf(await server.get('/info'));
  return info.heads.find(({ kind }: Loose) => kind === 'multi-label');
};

describe('threshold', () => {
  it('accepts every label from a score on, best first', async () => {
    const { id } = await multiLabel();
    const all = await answer({ text: TEXT, threshold: 0 });
    const none = await answer({ text: TEXT, threshold: 1 });

    const scores = all.heads[id].accepted.map(({ score }: Loose) => score);
    expect(scores).toEqual(Object.values(all.heads[id].scores).sort((a, b) => (b as number) - (a as number)));
    expect(none.heads[id].accepted).toEqual([]);
    expect(none).toMatchObject({ abstains: true, reasons: expect.arrayContaining(['no-label']) });
  });

  it('changes the named labels alone', async () => {
    const { id } = await multiLabel();
    const plain = await answer({ text: TEXT });
    const best = plain.heads[id].accepted[0].id;

    const changed = await answer({ text: TEXT, threshold: { [best]: 1 } });

    const others = plain.heads[id].accepted.slice(1);
    expect(changed.heads[id].accepted).toEqual(others);
  });

  it('names a label that no head has', async () => {
    const problem = await expectProblem(
      await server.classify({ text: TEXT, threshold: { 'no-such': 0.5 } }),
      422,
      'label-unknown',
    );
    expect(problem.detail).toContain('no-such');
  });

  it.each([-1, 2, '0.5', [], { a: 'b' }])('refuses %j', async (threshold) => {
    const problem = await expectProblem(
      await server.classify({ text: TEXT, threshold }),
      400,
      'request-invalid',
    );
    expect(problem.errors[0].path).toMatch(/^threshold/);
  });
});

describe('options', () => {
  it('leave out the scores that nobody wants', async () => {
    const { heads } = await answer({ text: TEXT, return_all_scores: false });
    for (const head of Object.values<Loose>(heads)) expect(head).not.toHaveProperty('scores');
  });

  it('put the title before the text', async () => {
    expect(await answer({ title: 'عنوان', text: TEXT })).toEqual(await answer({ text: `عنوان\n${TEXT}` }));
  });

  it('refuse a title for several texts', async () => {
    await expectProblem(await server.classify({ texts: [TEXT], title: 'عنوان' }), 400, 'request-invalid');
  });

  it('explain each accepted label where they are asked to', async () => {
    const text = `${TEXT} وتعادل الفريقان في مباراة الدوري.`;

    const { heads, explanation } = await answer({ text, explain: true });

    const accepted = Object.entries<Loose>(heads).flatMap(([head, { accepted: labels }]) =>
      [labels].flat().map(({ id }) => [head, id]),
    );
    expect(explanation.map(({ head, label }: Loose) => [head, label])).toEqual(accepted);
    for (const { sentences } of explanation) {
      expect(sentences.map((sentence: Loose) => sentence.text).join('')).toBe(text);
      for (const { text: own, start, end } of sentences) expect(text.slice(start, end)).toBe(own);
    }
    expect(await answer({ text })).not.toHaveProperty('explanation');
  });
});

describe('headers', () => {
  it('tell where the time went', async () => {
    const response = await server.classify({ text: `${TEXT} ${Math.random()}` });
    const timing = Object.fromEntries(
      response.headers
        .get('server-timing')!
        .split(', ')
        .map((part) => part.split(';dur=')),
    );

    expect(Object.keys(timing)).toEqual(['queue', 'encode', 'classify', 'total']);
    const [queue, encode, classify, total] = Object.values(timing).map(Number) as [
      number,
      number,
      number,
      number,
    ];
    expect(encode).toBeGreaterThan(0);
    expect(queue + encode + classify).toBeLessThanOrEqual(total + 0.5);
  });

  it('give back a request id, and make one where none or a wild one was sent', async () => {
    expect(
      (await server.classify({ text: TEXT }, { 'x-request-id': 'abc-1.2' })).headers.get('x-request-id'),
    ).toBe('abc-1.2');
    const made = await server.classify({ text: '' }, { 'x-request-id': 'a b{}' });
    const id = made.headers.get('x-request-id')!;
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect((await bodyOf(made)).instance).toBe(`urn:rasid:request:${id}`);
  });

  it('keep an idle connection longer than a proxy does', async () => {
    expect((await server.get('/health')).headers.get('keep-alive')).toBe('timeout=75');
  });

  it('show neither product nor version', async () => {
    const response = await server.get('/health');
    expect(response.headers.get('x-powered-by')).toBeNull();
    expect(response.headers.get('server')).toBeNull();
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  });
});

describe('a million wrong texts', () => {
  it('are refused by their number, at once', async () => {
    const began = performance.now();
    const problem = await expectProblem(
      await server.post('/classify', `{"texts":[${'5,'.repeat(900_000)}5]}`),
      400,
      'request-invalid',
    );
    expect(problem.errors).toHaveLength(1);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
