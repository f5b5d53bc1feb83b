import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import iconv from 'iconv-lite';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { PAGE_SECURITY_POLICY } from '../../src/server/page.ts';
import { type Running, startServer } from '../../src/server/serve.ts';
import { launchChromium, NO_CHROMIUM, skipsBrowser } from './chromium.ts';
import { type FakeService, INFO, problem, startFakeService } from './page-service.ts';

const TEXT = 'وصل مربّو النحل إلى الوادي. ثم رسموا خريطة المراعي؛ وعادوا مساءً.';
const REFERENCE: string = readFileSync('data/articles.jsonl', 'utf8')
  .split('\n')
  .map((line) => (line === '' ? {} : JSON.parse(line)))
  .find(({ id }) => id === 'kirkuk-plot-foiled').text;

let service: FakeService;
let browser: Browser;
let page: Page;
/** What the browser complained about: violations of the policy, exceptions. Refused requests are no complaint. */
let complaints: string[] = [];

async function open(options: BrowserContextOptions = {}, url = service.url): Promise<Page> {
  const context = await browser.newContext(options);
  const opened = await context.newPage();
  opened.on('pageerror', (error) => complaints.push(error.message));
  opened.on('console', (message) => {
    const isRefusal = message.text().startsWith('Failed to load resource: the server responded');
    if (message.type() === 'error' && !isRefusal) complaints.push(message.text());
  });
  await opened.goto(url);
  await opened.locator('#examples-list button').first().waitFor();
  return opened;
}

const classify = async (text = TEXT) => {
  await page.fill('#text', text);
  await page.click('#classify');
};
const answered = () => page.locator('.scores').first().waitFor();
const file = (name: string, content: string | Buffer) => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(content),
});
const choose = (...files: ReturnType<typeof file>[]) => page.setInputFiles('#files', files);
const rows = () => page.locator('.texts tbody tr').allInnerTexts();
const status = () => page.locator('#status').innerText();
const overflow = () => page.evaluate('document.documentElement.scrollWidth - innerWidth') as Promise<number>;

if (skipsBrowser) {
  console.warn(NO_CHROMIUM);
  it.skip(NO_CHROMIUM, () => {});
}

describe('GET /', () => {
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
  beforeAll(async () => {
    [service, browser] = await Promise.all([startFakeService(), launchChromium()]);
  });
  afterAll(async () => {
    await browser?.close();
    await service.close();
  });
  beforeEach(async () => {
    complaints = [];
    service.reset();
    page = await open();
  });
  afterEach(async () => {
    await page.context().close();
    expect(complaints).toEqual([]);
  });

  it('shows every score with its threshold, and what is accepted, by names that the service tells', async () => {
    await classify();
    await answered();

    expect(await page.locator('.verdict').allInnerTexts()).toEqual(['النحل', 'المزاج: هادئ']);
    const topics = page.locator('.scores').first();
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
    expect(await status()).toContain('النحل');
    expect(service.asked).toEqual([{ text: TEXT }]);
  });

  it('classifies an example at one click', async () => {
    await page.locator('#examples-list button').first().click();
    await answered();

    expect(await page.inputValue('#text')).toBe(REFERENCE);
    expect(service.asked).toEqual([{ text: REFERENCE }]);
  });

  it('switches language and direction, remembers it, and takes it from the address', async () => {
    await classify();
    await answered();
    const root = page.locator('html');
    expect([await root.getAttribute('lang'), await root.getAttribute('dir')]).toEqual(['ar', 'rtl']);

    await page.click('#language');

    expect([await root.getAttribute('lang'), await root.getAttribute('dir')]).toEqual(['en', 'ltr']);
    expect(await page.title()).toContain('rasid');
    expect(await page.locator('.verdict').allInnerTexts()).toEqual(['Bees', 'Mood: Calm']);
    expect(await page.locator('body').innerText()).not.toMatch(/صنِّف|الموضوعات/);
    await page.reload();
    expect(await root.getAttribute('lang')).toBe('en');
    await page.goto(`${service.url}/?lang=ar`);
    expect(await root.getAttribute('lang')).toBe('ar');
  });

  it('says that the classifier abstains, and why, and shows nothing as accepted', async () => {
    service.answer = () => ({ abstains: true, reasons: ['unfamiliar'] });
    await classify();
    await answered();

    expect(await page.locator('.abstains').innerText()).toMatch(/يمتنع المصنِّف[\s\S]*بعيد عن/);
    expect(await page.locator('tr.accepted').count()).toBe(0);
    expect(await status()).toContain('يمتنع المصنِّف');
  });

  it('says that a text was cut and that it looks like HTML', async () => {
    service.answer = () => ({ truncated: true, html: true, tokens: 500 });
    await classify();
    await answered();

    expect(await page.locator('#answer .notice').allInnerTexts()).toEqual([
      expect.stringMatching(/128.*500/),
      expect.stringContaining('HTML'),
    ]);
  });

  it('gives the answer as JSON and the request as a command, each to be copied', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: service.url });
    await classify("it's نصّ");
    await answered();
    for (const summary of await page.locator('summary').all()) await summary.click();
    const [json, curl] = await page.locator('pre').allInnerTexts();
    expect(JSON.parse(json!)).toMatchObject({
      model: INFO.model,
      heads: { mood: { accepted: { id: 'calm' } } },
    });
    expect(curl).toContain(`curl '${service.url}/classify'`);
    expect(curl).toContain(String.raw`-d '{"text":"it'\''s نصّ"}'`);

    await page.locator('.source button').last().click();
    await page.locator('#status', { hasText: 'نُسخ' }).waitFor();

    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(curl);
  });

  describe('the sentences that decided', () => {
    const sentences = TEXT.split(/(?<=[.؛] )/).map((text, i, all) => {
      const start = all.slice(0, i).join('').length;
      return { text, start, end: start + text.length, effect: [-0.4, 0.1, -0.001][i]! };
    });
    const explanation = [
      { head: 'topics', label: 'bees', sentences },
      { head: 'mood', label: 'calm', sentences: sentences.map((one) => ({ ...one, effect: 0 })) },
    ];

    it('are asked for where the service can tell them, and marked in the text for each label', async () => {
      service.info = { ...INFO, features: { explain: true } };
      service.answer = () => ({ explanation });
      await page.reload();
      await classify();
      await answered();

      expect(service.asked).toEqual([{ text: TEXT, explain: true }]);
      expect(await page.locator('.reading').innerText()).toBe(TEXT);
      const marks = page.locator('.reading mark');
      expect(await marks.allInnerTexts()).toEqual(sentences.slice(0, 2).map(({ text }) => text.trim()));
      expect(await marks.first().getAttribute('class')).toBe('supports level-4');
      expect(await marks.last().getAttribute('class')).toBe('opposes level-1');
      expect(await page.locator('.sentences li').first().innerText()).toContain('40.0');

      await page.getByLabel('هادئ').check();

      expect(await marks.count()).toBe(0);
      expect(await page.locator('.explanation').innerText()).toContain('لا جملة واحدة');
    });

    it('are left out where it cannot', async () => {
      await classify();
      await answered();

      expect(service.asked[0]).not.toHaveProperty('explain');
      expect(await page.locator('.explanation').isVisible()).toBe(false);
    });
  });

  describe('files', () => {
    it('classifies one dropped file, and marks the place while it is above it', async () => {
      const transfer = await page.evaluateHandle((text: string) => {
        // biome-ignore lint/suspicious/noExplicitAny: runs in the browser, whose types tests do not have
        const { DataTransfer, File } = globalThis as any;
        const data = new DataTransfer();
        data.items.add(new File([text], 'خبر.txt'));
        return data;
      }, TEXT);
      await page.dispatchEvent('#drop', 'dragover', { dataTransfer: transfer });
      expect(await page.locator('.drop-here').isVisible()).toBe(true);
      await page.dispatchEvent('#drop', 'drop', { dataTransfer: transfer });
      await answered();

      expect(await page.locator('.drop-here').isVisible()).toBe(false);
      expect(service.asked).toEqual([{ text: TEXT }]);
    });

    it.each(['utf8', 'utf16le', 'utf-16be', 'win1256'])('reads a file in %s', async (encoding) => {
      const text = 'وصل مربو النحل إلى الوادي، ورسموا خريطة';
      await choose(file('a.txt', iconv.encode(text, encoding, { addBOM: encoding === 'utf-16be' })));
      await answered();

      expect(service.asked).toEqual([{ text }]);
      if (encoding === 'win1256') expect(await status()).toContain('Windows-1256');
    });

    const damaged = Buffer.from(TEXT);
    damaged[40] = 0xff;
    it.each([
      ['a damaged UTF-8 file', file('b.txt', damaged), 'تالفة'],
      [
        'bytes of no known encoding',
        file('b.txt', Buffer.from([0x50, 0xe9, 0xff, 0x01, 0x02, 0x80])),
        'غير معروف',
      ],
      ['another kind of file', file('b.docx', 'PK'), 'نوع الملف'],
      ['an empty file', file('b.txt', ' \n'), 'لا نصّ'],
      ['a table without a text', file('b.csv', 'id,headline\n1,خبر\n'), 'id، headline'],
      ['a quote that is never closed', file('b.csv', 'text\n"خبر\n'), 'صفّ 2'],
    ])('refuses %s, and says why', async (_what, bad, reason) => {
      await choose(bad);

      const message = page.locator('#problem');
      await message.locator('.error').waitFor();
      expect(await message.innerText()).toContain(bad.name);
      expect(await message.innerText()).toContain(reason);
      expect(service.asked).toEqual([]);
    });

    it('classifies several files within the limits of the service, and names what cannot be read', async () => {
      service.refuse = ({ texts }) =>
        texts?.some((text) => text.includes('😀')) ? problem(422, 'text-unreadable') : undefined;
      await choose(
        file('a.csv', 'id;text\r\n1;"خبر؛ أول"\r\n2;"سطر\nو ""آخر"""\r\n3;😀\r\n'),
        file('b.jsonl', '{"text":"خبر رابع"}\n\nلا\n{"title":"x"}\n{"text":"خبر خامس"}\n'),
        file('c.docx', 'PK'),
      );
      await page.locator('#batch-progress', { hasText: 'انتهى: 4 من 7، تعذّر 3' }).waitFor();

      expect(await rows()).toEqual([
        expect.stringMatching(/a\.csv.*صفّ 2[\s\S]*خبر؛ أول[\s\S]*النحل 80\.0%/),
        expect.stringMatching(/صفّ 3[\s\S]*سطر\s+و "آخر"/),
        expect.stringMatching(/صفّ 4[\s\S]*لا حرف فيه ولا رقم/),
        expect.stringMatching(/b\.jsonl.*سطر 1/),
        expect.stringMatching(/سطر 3[\s\S]*JSON/),
        expect.stringMatching(/سطر 4[\s\S]*text/),
        expect.stringMatching(/سطر 5[\s\S]*النحل/),
      ]);
      expect(await page.locator('#problem').innerText()).toContain('c.docx');
      expect(Math.max(...service.asked.map(({ texts }) => texts!.length))).toBe(INFO.limits.texts);

      await page.locator('.texts button').first().click();
      await answered();
      expect(service.asked.at(-1)).toEqual({ text: 'خبر؛ أول' });
      expect(await rows()).toHaveLength(7);
    });

    it('downloads the table as CSV that a spreadsheet opens, without formulas', async () => {
      await choose(file('a.csv', 'text\n=1+1 خبر\n"خبر, ""ثان"""\n'));
      await page.locator('#batch-progress', { hasText: 'انتهى' }).waitFor();
      const [download] = await Promise.all([page.waitForEvent('download'), page.click('#batch-download')]);
      const content = await readFile(await download.path(), 'utf8');

      expect(download.suggestedFilename()).toBe('rasid.csv');
      expect(content.startsWith('\ufeff')).toBe(true);
      const [header, first, second] = content.slice(1).split('\r\n');
      expect(header).toBe(
        'file,line,text,topics,topics_names,mood,mood_names,abstains,reasons,truncated,html,tokens,error,topics.bees,topics.kites,topics.maps,mood.calm,mood.loud',
      );
      expect(first).toBe(
        `a.csv,2,'=1+1 خبر,bees,النحل,calm,هادئ,false,,false,false,8,,0.8,0.45,0.0001,0.9,0.1`,
      );
      expect(second).toContain('"خبر, ""ثان"""');
    });

    it('waits where the service asks for it, and can be stopped', async () => {
      let refused = 0;
      service.refuse = () =>
        ++refused === 1 ? { ...problem(429, 'overloaded'), headers: { 'retry-after': '0' } } : undefined;
      await choose(file('a.csv', 'text\nخبر\nآخر\n'));
      await page.locator('#batch-progress', { hasText: 'انتهى: 2 من 2' }).waitFor();

      service.refuse = () => ({ ...problem(429, 'overloaded'), headers: { 'retry-after': '50' } });
      await choose(file('a.csv', 'text\nخبر\nآخر\n'));
      await page.click('#batch-stop');

      await page.locator('#batch-progress', { hasText: 'أُوقف بعد 0 من 2' }).waitFor();
    });
  });

  describe('problems', () => {
    it('says what went wrong in the language of the page, with the words of the service', async () => {
      service.refuse = () => ({
        ...problem(429, 'overloaded', { hint: 'Come back.' }),
        headers: { 'retry-after': '7' },
      });
      await classify();
      const alert = page.getByRole('alert');
      await alert.locator('h3').waitFor();

      expect(await alert.innerText()).toMatch(
        /الخدمة مشغولة[\s\S]*detail of overloaded Come back\.[\s\S]*7 ث/,
      );
      await page.click('#language');
      expect(await alert.innerText()).toMatch(/The service is busy[\s\S]*in 7 s/);

      service.refuse = () => undefined;
      await alert.getByRole('button').click();
      await answered();
      expect(await alert.innerText()).toBe('');
    });

    it.each([
      [{ status: 502, body: '<h1>Bad Gateway</h1>' }, '502'],
      [{ status: 500, body: '' }, '500'],
      [problem(418, 'of-tomorrow'), '418'],
      [problem(422, 'text-unreadable'), 'لا حرف فيه ولا رقم'],
    ])('is no blank page for %o', async (refusal, words) => {
      service.refuse = () => refusal;
      await classify();
      await page.locator('#problem h3').waitFor();

      expect(await page.locator('#problem').innerText()).toContain(words);
    });

    it('says that nobody answers', async () => {
      await page.route('**/classify', (route) => route.abort());
      await classify();
      await page.locator('#problem h3').waitFor();

      expect(await page.locator('#problem').innerText()).toContain('الخدمة لا تجيب');
      complaints = complaints.filter((text) => !text.includes('net::ERR_FAILED'));
    });

    it('asks for a key only where the service does, and sends it from then on', async () => {
      await classify();
      await answered();
      expect(await page.locator('#api-key').count()).toBe(0);

      const seen: (string | undefined)[] = [];
      service.refuse = (_asked, authorization) => {
        seen.push(authorization);
        return authorization === 'Bearer secret' ? undefined : problem(401, 'unauthorised');
      };
      await classify();
      await page.getByLabel('مفتاح الخدمة').fill('secret');
      await page.keyboard.press('Enter');
      await page.locator('#api-key').waitFor({ state: 'detached' });

      expect(seen).toEqual([undefined, 'Bearer secret']);
      await page.locator('summary').last().click();
      expect(await page.locator('pre').last().innerText()).toMatch(/authorization: Bearer \$API_KEY/);
      expect(await page.content()).not.toContain('secret');
    });
  });

  it('is used by keyboard alone', async () => {
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).toBe('skip');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('text');
    await page.keyboard.insertText(TEXT);
    await page.keyboard.press('Control+Enter');
    await answered();

    const visited: string[] = [];
    for (let i = 0; i < 11; i++) {
      await page.keyboard.press('Tab');
      visited.push(
        String(await page.evaluate('document.activeElement.id || document.activeElement.tagName')),
      );
      expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).not.toBe('none');
    }
    expect(visited.slice(0, 3)).toEqual(['classify', 'choose', 'clear']);
    expect(visited.filter((name) => name === 'SUMMARY')).toHaveLength(2);
    await page.focus('summary');
    await page.keyboard.press('Enter');
    expect(await page.locator('pre').first().isVisible()).toBe(true);
  });

  it('does not show an answer beside a text that it does not belong to', async () => {
    await classify();
    await answered();
    service.refuse = () => problem(503, 'not-ready');
    await classify('نصّ آخر');
    await page.locator('#problem h3').waitFor();

    expect(await page.locator('.scores').count()).toBe(0);
  });

  it('asks for a text where there is none', async () => {
    await page.click('#classify');

    expect(await status()).toContain('فارغة');
    expect(await page.evaluate('document.activeElement.id')).toBe('text');
    expect(service.asked).toEqual([]);
  });

  it.each(['ar', 'en'])(
    'fits a phone of 360 pixels in %s: nothing scrolls sideways but the table',
    async (lang) => {
      await page.context().close();
      page = await open({ viewport: { width: 360, height: 740 } }, `${service.url}/?lang=${lang}`);
      await classify(`${TEXT} ${'ط'.repeat(200)}`);
      await answered();
      for (const summary of await page.locator('summary').all()) await summary.click();
      expect(await overflow()).toBe(0);

      await choose(file('a.csv', `text\n${TEXT}\n${'ط'.repeat(300)}\n`));
      await page.locator('.texts tbody tr').nth(1).waitFor();
      expect(await overflow()).toBe(0);
    },
  );

  it('is dark where the reader wants it', async () => {
    const brightness = () =>
      page.evaluate(
        'getComputedStyle(document.body).backgroundColor.match(/\\d+/g).reduce((a, b) => a + +b, 0) / 3',
      );
    expect(await brightness()).toBeGreaterThan(230);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await brightness()).toBeLessThan(40);
  });

  const schemes = ['light', 'dark'] as const;
  const views = ['ar', 'en'].flatMap((lang) => schemes.map((colorScheme) => ({ lang, colorScheme })));
  it.each(views)('axe finds nothing serious in $lang, $colorScheme', async ({ lang, colorScheme }) => {
    await page.context().close();
    service.info = { ...INFO, features: { explain: true } };
    const sentence = { text: TEXT, start: 0, end: TEXT.length, effect: -0.5 };
    service.answer = () => ({
      truncated: true,
      explanation: [{ head: 'topics', label: 'bees', sentences: [sentence] }],
    });
    page = await open({ colorScheme }, `${service.url}/?lang=${lang}`);
    const check = async () => {
      const { violations } = await new AxeBuilder({ page }).analyze();
      const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
    };
    await check();
    await classify();
    await answered();
    for (const summary of await page.locator('summary').all()) await summary.click();
    await check();
    service.answer = () => ({ abstains: true, reasons: ['no-label'] });
    service.refuse = ({ texts }) => (texts === undefined ? problem(401, 'unauthorised') : undefined);
    await choose(file('a.csv', 'text\nخبر\nآخر\n""\n'), file('b.docx', 'PK'));
    await page.locator('#problem .error').waitFor();
    await check();
    await classify();
    await page.locator('#api-key').waitFor();
    await check();
  });

  describe('over the real model', () => {
    let running: Running;
    beforeAll(async () => {
      running = await startServer(loadConfig({ port: '0', workers: '1' }, {}), () => {});
    });
    afterAll(() => running?.stop());

    it('shows what POST /classify answers for the reference article', async () => {
      const response = await fetch(`${running.url}/classify`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text: REFERENCE }),
      });
      // biome-ignore lint/suspicious/noExplicitAny: as loose as a client without types sees it
      const { heads } = (await response.json()) as any;
      await page.context().close();
      page = await open({}, running.url);
      await page.locator('#examples-list button').first().click();
      await answered();

      const shown = await page.locator('.verdict').first().innerText();
      for (const { name } of heads.topics.accepted) expect(shown).toContain(name.ar);
      expect(await page.locator('.verdict').last().innerText()).toContain(heads.sentiment.accepted.name.ar);
      await page.getByRole('button', { name: 'كلّ الدرجات (17)' }).click();
      expect(await page.locator('.scores').first().locator('tbody tr:visible').count()).toBe(17);
    });
  });
});
