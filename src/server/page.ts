/** The web page at `/`: static files that ask this service and nothing else. */

import { fileURLToPath } from 'node:url';
import express, { type Router } from 'express';
import { RasidError } from '../errors.ts';

const FOLDER = fileURLToPath(new URL('./page', import.meta.url));

/** Nothing but the page's own files and answers of this service; nothing inline. */
export const PAGE_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const HEADERS = {
  'Content-Security-Policy': PAGE_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  // Files are small and have fixed names: a browser asks each time whether its copy is still the newest.
  'Cache-Control': 'no-cache',
};

/** `GET /` and the files below `/page/`. The page holds no secret, so no key is asked for. */
export function pageRouter(): Router {
  const router = express.Router();
  router.get('/', (_request, response) => {
    response.set(HEADERS).sendFile('index.html', { root: FOLDER, cacheControl: false });
  });
  router.all('/', (request, response) => {
    response.set('Allow', 'GET, HEAD');
    throw new RasidError('method-not-allowed', `${request.method} is not possible here; GET or HEAD is`);
  });
  router.use(
    '/page',
    express.static(FOLDER, {
      index: false,
      redirect: false,
      cacheControl: false,
      setHeaders: (response) => response.setHeaders(new Map(Object.entries(HEADERS))),
    }),
  );
  return router;
}
