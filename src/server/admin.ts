/** `POST /admin/reload` and `/admin/rollback`. */

import { Router } from 'express';
import type { Models } from './models.ts';

export function adminRouter(models: Models): Router {
  const router = Router();
  router.post('/reload', async (_request, response) => {
    response.json(await models.reload());
  });
  router.post('/rollback', async (_request, response) => {
    response.json(await models.rollback());
  });
  return router;
}
