/**
 * Requests and responses that are born as Express wants them. Express gives each that arrives another prototype
 * (`Object.setPrototypeOf`); V8 (that of Node 20) then gives each a hidden class of its own, so that no access to a property is ever
 * fast: a small Express service answers half as many requests. One that has the prototype already is left as it is.
 */

import { IncomingMessage, type ServerOptions, ServerResponse } from 'node:http';
import type { Express } from 'express';

/** Call it once for an application, before its server is created with what it returns. */
export function requestClasses(app: Express): Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'> {
  class AppRequest extends IncomingMessage {}
  class AppResponse<R extends IncomingMessage> extends ServerResponse<R> {}
  Object.setPrototypeOf(AppRequest.prototype, app.request);
  Object.setPrototypeOf(AppResponse.prototype, app.response);
  Object.assign(app, { request: AppRequest.prototype, response: AppResponse.prototype });
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse };
}
