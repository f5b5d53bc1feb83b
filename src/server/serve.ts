/** Listening and stopping: the address is bound before the model is loaded, and answers under way are finished at the end. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openPipeline, type Pipeline } from '../classifier/pipeline.ts';
import type { Config } from '../config.ts';
import { RasidError, systemErrorCode } from '../errors.ts';
import { createApp } from './app.ts';

export interface Running {
  /** e.g. `http://127.0.0.1:8080` */
  url: string;
  pipeline: Pipeline;
  /** Refuses new work, waits for answers under way (at most `drainTimeout`), and closes. */
  stop(): Promise<void>;
}

const WARM_UP = 'راصد';

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

/** @throws RasidError of `openPipeline`; `config-invalid` where the address cannot be bound. */
export async function startServer(config: Config, onFault: (error: unknown) => void): Promise<Running> {
  let pipeline: Pipeline | undefined;
  let draining = false;
  const app = createApp({ config, pipeline: () => pipeline, draining: () => draining, onFault });
  const server = createServer(
    { requestTimeout: config.receiveTimeout, maxHeaderSize: config.headerLimit },
    app,
  );
  const { address, family, port } = await listen(server, config);
  try {
    const opening = await openPipeline(config);
    // Loads the model and runs it once: the first request must not wait for that.
    await opening.classify([WARM_UP]);
    pipeline = opening;
  } catch (error) {
    server.close();
    throw error;
  }
  const opened = pipeline;
  async function stop(): Promise<void> {
    draining = true;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    const timer = setTimeout(() => server.closeAllConnections(), config.drainTimeout);
    await closed;
    clearTimeout(timer);
    await opened.close();
  }
  return { url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`, pipeline: opened, stop };
}
