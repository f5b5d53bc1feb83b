import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PAGE_SECURITY_POLICY } from '../../src/server/page.ts';
import { NO_CHROMIUM, skipsBrowser } from './chromium.ts';
import { bodyOf, type Harness, start } from './harness.ts';
import { drivePage, REFERENCE, TEXT } from './page-driver.ts';
import { type FakeService, INFO, problem, startFakeService } from './page-service.ts';

if (skipsBrowser) {
  console.warn(NO_CHROMIUM);
  it.skip(NO_CHROMIUM, () => {});
}

describe('GET /', () => {
  let service: FakeService;
  beforeAll(async () => {
    service = await startFakeService();
  });
  afterAll(() => service.close());

  it.each(['/', '/page/page.js', '/page/page.css', '/page/examples.json'])(
    '%s comes with the strict policy and is asked for anew',
    async (path) => {
      const response = await fetch(service.url + path);

      expect(response.status).toBe(200);
      expect(response.headers.get('content-security-policy')).toBe(PAGE_SECURITY_POLICY);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('cache-control')).toBe('no-cache');
      expect(await response.text()).not.toMatch(
        /https?:\/\/(?!www\.w3\.org\/2000\/svg)|<style|style=|onclick=/,
      );
    },
  );

  it.each(['/page/', '/page/none.js', '/page/%2e%2e/page.ts', '/page.ts'])(
    '%s is no file of it',
    async (path) => {
      expect((await fetch(service.url + path)).status).toBe(404);
    },
  );

  it('offers the reference article first, word for word', async () => {
    const examples = (await (await fetch(`${service.url}/page/examples.json`)).json()) as { text: string }[];

    expect(examples[0]!.text).toBe(REFERENCE);
    expect(examples.length).toBeGreaterThan(3);
  });
});

describe.skipIf(skipsBrowser)('the page', () => {
  const driver = drivePage();

  it('shows every score with its threshold, and what is accepted, by names that the service tells', async () => {
    await driver.classify();
    await driver.answered();

    expect(await driver.page.locator('.verdict').allInnerTexts()).toEqual(['النحل', 'المزاج: هادئ']);
    const topics = driver.page.locator('.scores').first();
    expect(await topics.locator('tbody tr').allInnerTexts()).toEqual([
      expect.stringMatching(/النحل.*مقبول.*80\.0%.*40\.0%/s),
      expect.stringMatching(/الطائرات الورقية\s+45\.0%\s+50\.0%/),
      expect.stringMatching(/الخرائط\s+<0\.1%\s+30\.0%/),
    ]);
    const widths = await topics
      .locator('.bar')
      .evaluateAll((bars) =>
        bars.map((bar) => bar.firstChild.getBoundingClientRect().width / bar.getBoundingClientRect().width),
      );
    expect(widths[0]).toBeCloseTo(0.8, 2);
    expect(widths[1]).toBeCloseTo(0.45, 2);
    expect(await driver.status()).toContain('النحل');
    expect(driver.service.asked).toEqual([{ text: TEXT }]);
  });

  it('classifies an example at one click', async () => {
    await driver.page.locator('#examples-list button').first().click();
    await driver.answered();

    expect(await driver.page.inputValue('#text')).toBe(REFERENCE);
    expect(driver.service.asked).toEqual([{ text: REFERENCE }]);
  });

  it('switches language and direction, remembers it, and takes it from the address', async () => {
    await driver.classify();
    await driver.answered();
    const root = driver.page.locator('html');
    expect([await root.getAttribute('lang'), await root.getAttribute('dir')]).toEqual(['ar', 'rtl']);

    await driver.page.click('#language');

    expect([await root.getAttribute('lang'), await root.getAttribute('dir')]).toEqual(['en', 'ltr']);
    expect(await driver.page.title()).toContain('rasid');
    expect(await driver.page.locator('.verdict').allInnerTexts()).toEqual(['Bees', 'Mood: Calm']);
    expect(await driver.page.locator('body').innerText()).not.toMatch(/صنِّف|الموضوعات/);
    await driver.page.reload();
    expect(await root.getAttribute('lang')).toBe('en');
    await driver.page.goto(`${driver.service.url}/?lang=ar`);
    expect(await root.getAttribute('lang')).toBe('ar');
  });

  it('says that the classifier abstains, and why, and shows nothing as accepted', async () => {
    driver.service.answer = () => ({ abstains: true, reasons: ['unfamiliar'] });
    await driver.classify();
    await driver.answered();

    expect(await driver.page.locator('.abstains').innerText()).toMatch(/يمتنع المصنِّف[\s\S]*بعيد عن/);
    expect(await driver.page.locator('tr.accepted').count()).toBe(0);
    expect(await driver.status()).toContain('يمتنع المصنِّف');
  });

  it('says that a text was cut and that it looks like HTML', async () => {
    driver.service.answer = () => ({ truncated: true, html: true, tokens: 500 });
    await driver.classify();
    await driver.answered();

    expect(await driver.page.locator('#answer .notice').allInnerTexts()).toEqual([
      expect.stringMatching(/128.*500/),
      expect.stringContaining('HTML'),
    ]);
  });

  it('gives the answer as JSON and the request as a command, each to be copied', async () => {
    await driver.page
      .context()
      .grantPermissions(['clipboard-read', 'clipboard-write'], { origin: driver.service.url });
    await driver.classify("it's نصّ");
    await driver.answered();
    for (const summary of await driver.page.locator('summary').all()) await summary.click();
    const [json, curl] = await driver.page.locator('pre').allInnerTexts();
    expect(JSON.parse(json!)).toMatchObject({
      model: INFO.model,
      heads: { mood: { accepted: { id: 'calm' } } },
    });
    expect(curl).toContain(`curl '${driver.service.url}/classify'`);
    expect(curl).toContain(String.raw`-d '{"text":"it'\''s نصّ"}'`);

    await driver.page.locator('.source button').last().click();
    await driver.page.locator('#status', { hasText: 'نُسخ' }).waitFor();

    expect(await driver.page.evaluate('navigator.clipboard.readText()')).toBe(curl);
  });

  describe('the sentences that decided', () => {
    const sentences = TEXT.split(/(?<=[.؛] )/).map((text, i, all) => {
      const start = all.slice(0, i).join('').length;
      return { text, start, end: start + text.length, effect: [0.4, -0.1, 0.0004][i]! };
    });
    const explanation = [
      { head: 'topics', label: 'bees', sentences },
      { head: 'mood', label: 'calm', sentences: sentences.map((one) => ({ ...one, effect: 0 })) },
    ];

    it('are asked for where the service can tell them, and marked in the text for each label', async () => {
      driver.service.info = { ...INFO, features: { explain: true } };
      driver.service.answer = () => ({ explanation });
      await driver.page.reload();
      await driver.classify();
      await driver.answered();

      expect(driver.service.asked).toEqual([{ text: TEXT, explain: true }]);
      expect(await driver.page.locator('.reading').innerText()).toBe(TEXT);
      const marks = driver.page.locator('.reading mark');
      expect(await marks.allInnerTexts()).toEqual(sentences.slice(0, 2).map(({ text }) => text.trim()));
      expect(await marks.first().getAttribute('class')).toBe('supports level-4');
      expect(await marks.last().getAttribute('class')).toBe('opposes level-1');
      expect(await driver.page.locator('.sentences li').first().innerText()).toContain('40.0');

      await driver.page.getByLabel('هادئ').check();

      expect(await marks.count()).toBe(0);
      expect(await driver.page.locator('.explanation').innerText()).toContain('لا جملة واحدة');
    });

    it('are left out where it cannot', async () => {
      await driver.classify();
      await driver.answered();

      expect(driver.service.asked[0]).not.toHaveProperty('explain');
      expect(await driver.page.locator('.explanation').isVisible()).toBe(false);
    });
  });

  it('does not show an answer beside a text that it does not belong to', async () => {
    await driver.classify();
    await driver.answered();
    driver.service.refuse = () => problem(503, 'not-ready');
    await driver.classify('نصّ آخر');
    await driver.page.locator('#problem h3').waitFor();

    expect(await driver.page.locator('.scores').count()).toBe(0);
  });

  it('asks for a text where there is none', async () => {
    await driver.page.click('#classify');

    expect(await driver.status()).toContain('فارغة');
    expect(await driver.page.evaluate('document.activeElement.id')).toBe('text');
    expect(driver.service.asked).toEqual([]);
  });

  describe('over the real model', () => {
    let server: Harness;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server?.stop());

    it('shows what POST /classify answers for the reference article', async () => {
      const { heads } = await bodyOf(await server.classify({ text: REFERENCE }));
      await driver.reopen({}, server.url);
      await driver.page.locator('#examples-list button').first().click();
      await driver.answered();

      const shown = await driver.page.locator('.verdict').first().innerText();
      for (const { name } of heads.topics.accepted) expect(shown).toContain(name.ar);
      expect(await driver.page.locator('.verdict').last().innerText()).toContain(
        heads.sentiment.accepted.name.ar,
      );
      expect(await driver.page.locator('.reading').innerText()).toBe(REFERENCE);
      await driver.page.getByRole('button', { name: 'كلّ الدرجات (17)' }).click();
      expect(await driver.page.locator('.scores').first().locator('tbody tr:visible').count()).toBe(17);
    });
  });
});
