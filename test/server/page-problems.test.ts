import { describe, expect, it } from 'vitest';
import { skipsBrowser } from './chromium.ts';
import { drivePage } from './page-driver.ts';
import { problem } from './page-service.ts';

describe.skipIf(skipsBrowser)('problems on the page', () => {
  const driver = drivePage();

  it('says what went wrong in the language of the page, with the words of the service', async () => {
    driver.service.refuse = () => ({
      ...problem(429, 'overloaded', { hint: 'Come back.' }),
      headers: { 'retry-after': '7' },
    });
    await driver.classify();
    const alert = driver.page.getByRole('alert');
    await alert.locator('h3').waitFor();

    expect(await alert.innerText()).toMatch(
      /الخدمة مشغولة.*7 ث[\s\S]*detail of overloaded\s+Come back\.[\s\S]*overloaded/,
    );
    await driver.page.click('#language');
    expect(await alert.innerText()).toMatch(/The service is busy[\s\S]*in 7 s/);

    driver.service.refuse = () => undefined;
    await alert.getByRole('button').click();
    await driver.answered();
    expect(await alert.innerText()).toBe('');
  });

  it.each([
    [{ status: 502, body: '<h1>Bad Gateway</h1>' }, '502'],
    [{ status: 500, body: '' }, '500'],
    [problem(418, 'of-tomorrow'), '418'],
    [problem(422, 'text-unreadable'), 'لا حرف فيه ولا رقم'],
  ])('is no blank page for %o', async (refusal, words) => {
    driver.service.refuse = () => refusal;
    await driver.classify();
    await driver.page.locator('#problem h3').waitFor();

    expect(await driver.page.locator('#problem').innerText()).toContain(words);
  });

  it('says that nobody answers', async () => {
    await driver.page.route('**/classify', (route) => route.abort());
    await driver.classify();
    await driver.page.locator('#problem h3').waitFor();

    expect(await driver.page.locator('#problem').innerText()).toContain('الخدمة لا تجيب');
    driver.complaints = driver.complaints.filter((text) => !text.includes('net::ERR_FAILED'));
  });

  it('asks for a key only where the service does, and sends it from then on', async () => {
    await driver.classify();
    await driver.answered();
    expect(await driver.page.locator('#api-key').count()).toBe(0);

    const seen: (string | undefined)[] = [];
    driver.service.refuse = (_asked, authorization) => {
      seen.push(authorization);
      return authorization === 'Bearer secret' ? undefined : problem(401, 'unauthorised');
    };
    await driver.classify();
    await driver.page.getByLabel('مفتاح الخدمة').fill('secret');
    await driver.page.keyboard.press('Enter');
    await driver.page.locator('#api-key').waitFor({ state: 'detached' });

    expect(seen).toEqual([undefined, 'Bearer secret']);
    await driver.page.locator('summary').last().click();
    expect(await driver.page.locator('pre').last().innerText()).toMatch(/authorization: Bearer \$API_KEY/);
    expect(await driver.page.content()).not.toContain('secret');
  });

  it('asks for the key at once where the service tells nothing of itself without one', async () => {
    driver.service.refuse = (_asked, authorization) =>
      authorization === 'Bearer right' ? undefined : problem(401, 'unauthorised');
    await driver.page.reload();
    const field = driver.page.getByLabel('مفتاح الخدمة');
    await field.fill('wrong');
    await driver.page.keyboard.press('Enter');
    await expect.poll(() => field.inputValue()).toBe('');
    expect(await driver.page.evaluate('document.activeElement.id')).toBe('api-key');
    await field.fill('right');
    await driver.page.keyboard.press('Enter');
    await field.waitFor({ state: 'detached' });

    expect(await driver.page.locator('#problem').innerText()).toBe('');
    await driver.classify();
    await driver.answered();
  });
});
