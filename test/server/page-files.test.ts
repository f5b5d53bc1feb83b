import { readFile } from 'node:fs/promises';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { skipsBrowser } from './chromium.ts';
import { drivePage, file, TEXT } from './page-driver.ts';
import { INFO, problem } from './page-service.ts';

describe.skipIf(skipsBrowser)('files on the page', () => {
  const driver = drivePage();
  const rows = () => driver.page.locator('.texts tbody tr').allInnerTexts();

  it('classifies one dropped file, and marks the place while it is above it', async () => {
    const transfer = await driver.page.evaluateHandle((text: string) => {
      // biome-ignore lint/suspicious/noExplicitAny: runs in the browser, whose types tests do not have
      const { DataTransfer, File } = globalThis as any;
      const data = new DataTransfer();
      data.items.add(new File([text], 'خبر.txt'));
      return data;
    }, TEXT);
    await driver.page.dispatchEvent('#drop', 'dragover', { dataTransfer: transfer });
    expect(await driver.page.locator('.drop-here').isVisible()).toBe(true);
    await driver.page.dispatchEvent('#drop', 'drop', { dataTransfer: transfer });
    await driver.answered();

    expect(await driver.page.locator('.drop-here').isVisible()).toBe(false);
    expect(driver.service.asked).toEqual([{ text: TEXT }]);
  });

  it.each(['utf8', 'utf16le', 'utf-16be', 'win1256'])('reads a file in %s', async (encoding) => {
    const text = 'وصل مربو النحل إلى الوادي، ورسموا خريطة';
    await driver.choose(file('a.txt', iconv.encode(text, encoding, { addBOM: encoding === 'utf-16be' })));
    await driver.answered();

    expect(driver.service.asked).toEqual([{ text }]);
    if (encoding === 'win1256') expect(await driver.status()).toContain('Windows-1256');
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
    await driver.choose(bad);

    const message = driver.page.locator('#problem');
    await message.locator('.error').waitFor();
    expect(await message.innerText()).toContain(bad.name);
    expect(await message.innerText()).toContain(reason);
    expect(driver.service.asked).toEqual([]);
  });

  it('classifies several files within the limits of the service, and names what cannot be read', async () => {
    driver.service.refuse = ({ texts }) =>
      texts?.some((text) => text.includes('😀')) ? problem(422, 'text-unreadable') : undefined;
    await driver.choose(
      file('a.csv', 'id;text\r\n1;"خبر؛ أول"\r\n2;"سطر\nو ""آخر"""\r\n3;😀\r\n'),
      file('b.jsonl', '{"text":"خبر رابع"}\n\nلا\n{"title":"x"}\n{"text":"خبر خامس"}\n'),
      file('c.docx', 'PK'),
    );
    await driver.page.locator('#batch-progress', { hasText: 'انتهى: 4 من 7، تعذّر 3' }).waitFor();

    expect(await rows()).toEqual([
      expect.stringMatching(/a\.csv.*صفّ 2[\s\S]*خبر؛ أول[\s\S]*النحل 80\.0%/),
      expect.stringMatching(/صفّ 3[\s\S]*سطر\s+و "آخر"/),
      expect.stringMatching(/صفّ 4[\s\S]*لا حرف فيه ولا رقم/),
      expect.stringMatching(/b\.jsonl.*سطر 1/),
      expect.stringMatching(/سطر 3[\s\S]*JSON/),
      expect.stringMatching(/سطر 4[\s\S]*text/),
      expect.stringMatching(/سطر 5[\s\S]*النحل/),
    ]);
    expect(await driver.page.locator('#problem').innerText()).toContain('c.docx');
    expect(Math.max(...driver.service.asked.map(({ texts }) => texts!.length))).toBe(INFO.limits.texts);

    await driver.page.locator('.texts button').first().click();
    await driver.answered();
    expect(driver.service.asked.at(-1)).toEqual({ text: 'خبر؛ أول' });
    expect(await rows()).toHaveLength(7);
  });

  it('downloads the table as CSV that a spreadsheet opens, without formulas', async () => {
    await driver.choose(file('a.csv', 'text\n=1+1 خبر\n"خبر, ""ثان"""\n'));
    await driver.page.locator('#batch-progress', { hasText: 'انتهى' }).waitFor();
    const [download] = await Promise.all([
      driver.page.waitForEvent('download'),
      driver.page.click('#batch-download'),
    ]);
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

  it('shows markup in texts and names as text', async () => {
    const markup = '<img src=x onerror=alert(1)>';
    await driver.choose(file('<b>a.csv', `text\n${markup}\n${markup}\n`));
    await driver.page.locator('#batch-progress', { hasText: 'انتهى' }).waitFor();

    expect((await rows())[0]).toContain(markup);
    expect((await rows())[0]).toContain('<b>a.csv');
    expect(await driver.page.locator('.texts img, .texts b').count()).toBe(0);
  });

  it('keeps focus and place in the table while further rows arrive', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await driver.page.route('**/classify', async (route) => {
      if (route.request().postData()?.includes('خبر 90')) await held;
      await route.continue();
    });
    const lines = Array.from({ length: 90 }, (_, i) => `خبر ${i + 1}`);
    await driver.choose(file('a.csv', `text\n${lines.join('\n')}\n`));
    await driver.page.locator('#batch-progress', { hasText: 'صُنِّف 87 من 90' }).waitFor();
    await driver.page.focus('#text-80');
    const place = () => driver.page.evaluate('document.querySelector(".table-frame").scrollTop');
    const before = await place();
    release();
    await driver.page.locator('#batch-progress', { hasText: 'انتهى' }).waitFor();

    expect(await driver.page.evaluate('document.activeElement.id')).toBe('text-80');
    expect(before).toBeGreaterThan(0);
    expect(await place()).toBe(before);
  });

  it('waits where the service asks for it, and can be stopped', async () => {
    let refused = 0;
    driver.service.refuse = () =>
      ++refused === 1 ? { ...problem(429, 'overloaded'), headers: { 'retry-after': '0' } } : undefined;
    await driver.choose(file('a.csv', 'text\nخبر\nآخر\n'));
    await driver.page.locator('#batch-progress', { hasText: 'انتهى: 2 من 2' }).waitFor();

    driver.service.refuse = () => ({ ...problem(429, 'overloaded'), headers: { 'retry-after': '50' } });
    await driver.choose(file('a.csv', 'text\nخبر\nآخر\n'));
    await driver.page.click('#batch-stop');

    await driver.page.locator('#batch-progress', { hasText: 'أُوقف بعد 0 من 2' }).waitFor();
  });
});
