/** Listening and stopping: the address is bound before the model is loaded, and answers under way are finished at the end. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Config } from '../config.ts';
import { RasidError, systemErrorCode } from '../errors.ts';
import { createApp } from './app.ts';
import { type Log, silentLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { createModels, type Model, type Switched } from './models.ts';
import { pageRouter } from './page.ts';
import { rawProblem } from './problems.ts';
import { requestClasses } from './request-classes.ts';

export interface Running {
  /** e.g. `http://127.0.0.1:8080` */
  url: string;
  /** The model that answers now. */
  current(): Model;
  /** @throws RasidError `reload-failed`; the old model serves on. */
  reload(): Promise<Switched>;
  /** Refuses new work, waits for answers under way (at most `drainTimeout`), and closes. */
  stop(): Promise<void>;
}

/** How often connections are looked at: for headers that are late, and while draining for those that became idle, ms. */
const CHECK_EVERY = 500;
/**
 * How long a connection may stay idle, ms: longer than proxies keep theirs (nginx: 60 s), or they would send a request into one
 * that is just being closed.
 */
const KEEP_ALIVE = 75_000;
const DRAIN_CHECK_EVERY = 50;

function listen(server: Server, { host, port }: Config): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const reason =
        systemErrorCode(error) === 'EADDRINUSE' ? 'is in use already' : `cannot be bound (${error.message})`;
      reject(
        new RasidError('config-invalid', `${host}:${port} ${reason}`, {
          hint: 'Choose another --port or --host.',
          cause: error,
        }),
      );
    });
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });
}

/** What Node's parser could not take: answered as a problem too. */
function refuseConnection(error: Error, socket: Socket): void {
  if (!socket.writable) return void socket.destroy();
  const code = systemErrorCode(error);
  const problem =
    code === 'HPE_HEADER_OVERFLOW'
      ? new RasidError('headers-too-large', 'the request headers are over the limit')
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? new RasidError('request-timeout', 'the request headers did not arrive in time')
        : new RasidError('request-invalid', 'this is no valid HTTP request');
  socket.end(rawProblem(problem), () => socket.destroy());
}

/** @throws RasidError of `openPipeline`; `config-invalid` where the address cannot be bound. */
export async function startServer(config: Config, log: Log = silentLog): Promise<Running> {
  let draining = false;
  const metrics = createMetrics(() => {
    const model = models.current();
    if (model === undefined) return undefined;
    const { encoder, pipeline } = model;
    return {
      ...encoder.waiting(),
      workers: encoder.alive,
      model: pipeline.classifier.id,
      encoder: encoder.identity.weights,
    };
  });
  const models = createModels(config, metrics.queue, metrics.onReload, log);
  const app = createApp({ config, models, metrics, log, isDraining: () => draining, page: pageRouter() });
  const server = createServer(
    {
      maxHeaderSize: config.headerLimit,
      headersTimeout: config.receiveTimeout,
      // Bodies have limits of their own: one for a document, another for a stream that may take hours.
      requestTimeout: 0,
      connectionsCheckingInterval: Math.min(CHECK_EVERY, config.receiveTimeout),
      keepAliveTimeout: KEEP_ALIVE,
      ...requestClasses(app),
    },
    app,
  );
  server.on('checkExpectation', app);
  server.on('clientError', refuseConnection);
  const { address, family, port } = await listen(server, config);
  try {
    await models.load();
  } catch (error) {
    server.closeAllConnections();
    server.close();
    throw error;
  }

  async function stop(): Promise<void> {
    draining = true;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    const idle = setInterval(() => server.closeIdleConnections(), DRAIN_CHECK_EVERY);
    const timer = setTimeout(() => server.closeAllConnections(), config.drainTimeout);
    await closed;
    clearInterval(idle);
    clearTimeout(timer);
    await models.close();
  }
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  return { url, current: () => models.current()!, reload: models.reload, stop };
}
