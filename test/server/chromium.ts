/** The system's Chromium for tests of the page; nothing is downloaded. */

import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const path = PATHS.find((candidate) => existsSync(candidate));

export const NO_CHROMIUM =
  'no Chromium is installed: the page is not tested (Debian: apt-get install chromium)';

/** Whether the tests of the page are to be skipped. In CI a missing browser is no reason to skip them: they fail. */
export const skipsBrowser =
  path === undefined && process.env.CI !== 'true' && process.env.CI_REQUIRES_CHROMIUM === undefined;

/** @throws Error where no Chromium is installed. */
export function launchChromium(): Promise<Browser> {
  if (path === undefined) throw new Error(NO_CHROMIUM);
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  return chromium.launch({ executablePath: path, args });
}
