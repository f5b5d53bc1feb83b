/** `GET /openapi.json` and its reader at `/docs`, from this server alone. */

import { join } from 'node:path';
import express, { Router } from 'express';
// Not the package's own entry, which loads all of Swagger UI into this process.
import getAbsoluteFSPath from 'swagger-ui-dist/absolute-path.js';

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>rasid API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
`;

const START = `SwaggerUIBundle({
  url: new URL('openapi.json', document.baseURI).href,
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
});
`;

export function docsRouter(document: () => object): Router {
  const folder = getAbsoluteFSPath();
  const router = Router({ strict: true });
  router.get('/openapi.json', (_request, response) => {
    response.json(document());
  });
  router.get('/docs', (_request, response) => {
    response.type('html').send(PAGE);
  });
  router.get('/docs/start.js', (_request, response) => {
    response.type('text/javascript').send(START);
  });
  const files = express.static(folder, { index: false, redirect: false, dotfiles: 'ignore', maxAge: '1h' });
  for (const name of ['swagger-ui.css', 'swagger-ui-bundle.js']) {
    router.get(join('/docs', name), (request, response, next) => {
      request.url = `/${name}`;
      files(request, response, next);
    });
  }
  return router;
}
