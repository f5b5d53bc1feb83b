import { AxeBuilder } from '@axe-core/playwright';
import { describe, expect, it } from 'vitest';
import { skipsBrowser } from './chromium.ts';
import { drivePage, file, TEXT } from './page-driver.ts';
import { INFO, problem } from './page-service.ts';

describe.skipIf(skipsBrowser)('the page for everyone', () => {
  const driver = drivePage();
  const overflow = () =>
    driver.page.evaluate('document.documentElement.scrollWidth - innerWidth') as Promise<number>;

  it('is used by keyboard alone', async () => {
    await driver.page.keyboard.press('Tab');
    expect(await driver.page.evaluate('document.activeElement.className')).toBe('skip');
    await driver.page.keyboard.press('Enter');
    expect(await driver.page.evaluate('document.activeElement.id')).toBe('text');
    await driver.page.keyboard.insertText(TEXT);
    await driver.page.keyboard.press('Control+Enter');
    await driver.answered();

    const visited: string[] = [];
    for (let i = 0; i < 11; i++) {
      await driver.page.keyboard.press('Tab');
      visited.push(
        String(await driver.page.evaluate('document.activeElement.id || document.activeElement.tagName')),
      );
      expect(await driver.page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).not.toBe(
        'none',
      );
    }
    expect(visited.slice(0, 3)).toEqual(['classify', 'choose', 'clear']);
    expect(visited.filter((name) => name === 'SUMMARY')).toHaveLength(2);
    await driver.page.focus('summary');
    await driver.page.keyboard.press('Enter');
    expect(await driver.page.locator('pre').first().isVisible()).toBe(true);
  });

  it.each(['ar', 'en'])(
    'fits a phone of 360 pixels in %s: nothing scrolls sideways but the table',
    async (lang) => {
      await driver.reopen({ viewport: { width: 360, height: 740 } }, `${driver.service.url}/?lang=${lang}`);
      await driver.classify(`${TEXT} ${'ط'.repeat(200)}`);
      await driver.answered();
      for (const summary of await driver.page.locator('summary').all()) await summary.click();
      expect(await overflow()).toBe(0);

      await driver.choose(file('a.csv', `text\n${TEXT}\n${'ط'.repeat(300)}\n`));
      await driver.page.locator('.texts tbody tr').nth(1).waitFor();
      expect(await overflow()).toBe(0);
    },
  );

  it('is dark where the reader wants it', async () => {
    const brightness = () =>
      driver.page.evaluate(
        'getComputedStyle(document.body).backgroundColor.match(/\\d+/g).reduce((a, b) => a + +b, 0) / 3',
      );
    expect(await brightness()).toBeGreaterThan(230);
    await driver.page.emulateMedia({ colorScheme: 'dark' });
    expect(await brightness()).toBeLessThan(40);
  });

  const schemes = ['light', 'dark'] as const;
  const views = ['ar', 'en'].flatMap((lang) => schemes.map((colorScheme) => ({ lang, colorScheme })));
  it.each(views)('axe finds nothing serious in $lang, $colorScheme', async ({ lang, colorScheme }) => {
    driver.service.info = { ...INFO, features: { explain: true } };
    const sentence = { text: TEXT, start: 0, end: TEXT.length, effect: 0.5 };
    driver.service.answer = () => ({
      truncated: true,
      explanation: [{ head: 'topics', label: 'bees', sentences: [sentence] }],
    });
    await driver.reopen({ colorScheme }, `${driver.service.url}/?lang=${lang}`);
    const check = async () => {
      const { violations } = await new AxeBuilder({ page: driver.page }).analyze();
      const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
    };
    await check();
    await driver.classify();
    await driver.answered();
    for (const summary of await driver.page.locator('summary').all()) await summary.click();
    await check();
    driver.service.answer = () => ({ abstains: true, reasons: ['no-label'] });
    driver.service.refuse = ({ texts }) => (texts === undefined ? problem(401, 'unauthorised') : undefined);
    await driver.choose(file('a.csv', 'text\nخبر\nآخر\n""\n'), file('b.docx', 'PK'));
    await driver.page.locator('#problem .error').waitFor();
    await check();
    await driver.classify();
    await driver.page.locator('#api-key').waitFor();
    await check();
  });
});
