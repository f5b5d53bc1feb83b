/** A page in headless Chromium over a fake service, opened anew for each test; the browser must find nothing to complain of. */

import { readFileSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { launchChromium } from './chromium.ts';
import { type FakeService, startFakeService } from './page-service.ts';

export const TEXT = 'وصل مربّو النحل إلى الوادي. ثم رسموا خريطة المراعي؛ وعادوا مساءً.';
export const REFERENCE: string = readFileSync('data/articles.jsonl', 'utf8')
  .split('\n')
  .map((line) => (line === '' ? {} : JSON.parse(line)))
  .find(({ id }) => id === 'kirkuk-plot-foiled').text;

export interface Driver {
  page: Page;
  service: FakeService;
  /** What the browser complained about: violations of the policy, exceptions. Refused requests are no complaint. */
  complaints: string[];
  /** Opens the page anew, over another address too. */
  reopen(options?: BrowserContextOptions, url?: string): Promise<void>;
  classify(text?: string): Promise<void>;
  /** Waits until an answer is shown. */
  answered(): Promise<void>;
  status(): Promise<string>;
  choose(...files: ReturnType<typeof file>[]): Promise<void>;
}

export const file = (name: string, content: string | Buffer) => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(content),
});

/** Registers the hooks of a `describe` block; what it returns may be used in its tests. */
export function drivePage(): Driver {
  let browser: Browser;
  const driver: Driver = {
    page: undefined as unknown as Page,
    service: undefined as unknown as FakeService,
    complaints: [],
    async reopen(options = {}, url = driver.service.url) {
      await driver.page?.context().close();
      driver.page = await (await browser.newContext(options)).newPage();
      driver.page.on('pageerror', (error) => driver.complaints.push(error.message));
      driver.page.on('console', (message) => {
        const isRefusal = message.text().startsWith('Failed to load resource: the server responded');
        if (message.type() === 'error' && !isRefusal) driver.complaints.push(message.text());
      });
      await driver.page.goto(url);
      await driver.page.locator('#examples-list button').first().waitFor();
    },
    async classify(text = TEXT) {
      await driver.page.fill('#text', text);
      await driver.page.click('#classify');
    },
    answered: () => driver.page.locator('.scores').first().waitFor(),
    status: () => driver.page.locator('#status').innerText(),
    choose: (...files) => driver.page.setInputFiles('#files', files),
  };
  beforeAll(async () => {
    driver.service = await startFakeService();
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await driver.service.close();
  });
  beforeEach(async () => {
    driver.complaints = [];
    driver.service.reset();
    await driver.reopen();
  });
  afterEach(() => expect(driver.complaints).toEqual([]));
  return driver;
}
