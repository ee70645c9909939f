import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { answerCall } from './answer.ts';
import { Clock } from './clock.ts';
import { type JulesControl, makeControl } from './control.ts';
import { Faults } from './faults.ts';
import { Stories } from './scripts.ts';
import { makeWorld } from './world.ts';

/** One request as it was answered; a number is a status. */
export type JulesRequest = {
  readonly method: string;
  readonly path: string;
  readonly status: number | 'dropped' | 'silent';
};

export type JulesServerOptions = {
  /** 0 takes a free one. */
  readonly port?: number;
  /** Divides the durations of all stories. */
  readonly speed?: number;
  /** Time stands still until `control.advance`. */
  readonly virtual?: boolean;
  readonly log?: (request: JulesRequest) => void;
  /** Called whenever `control.state` would show something else. */
  readonly onChange?: () => void;
};

export type JulesServer = {
  /** The API base, `…/v1alpha`. */
  readonly url: string;
  readonly control: JulesControl;
  close(): Promise<void>;
};

const BASE_PATH = '/v1alpha';
const MAX_BODY_BYTES = 1_000_000;

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Error('the request is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * A simulated Jules on loopback. It keeps everything in memory and outlives the bot, which may be killed at any moment
 * and must find its sessions again.
 */
export async function startJules(options: JulesServerOptions = {}): Promise<JulesServer> {
  const { port = 0, speed = 1, virtual = false, log = () => undefined, onChange = () => undefined } = options;
  const world = makeWorld(new Clock({ speed, virtual }), onChange);
  const deps = { world, stories: new Stories(), faults: new Faults() };

  async function serve(request: IncomingMessage, response: ServerResponse) {
    const url = new URL(request.url ?? '/', 'http://jules.invalid');
    const status = await answerCall(deps, {
      method: request.method ?? 'GET',
      path: url.pathname.startsWith(`${BASE_PATH}/`) ? url.pathname.slice(BASE_PATH.length) : '',
      query: url.searchParams,
      key: request.headers['x-goog-api-key'],
      body: await readBody(request),
      response,
    });
    log({ method: request.method ?? 'GET', path: `${url.pathname}${url.search}`, status });
  }

  const server = createServer((request, response) => {
    // A caller that was killed half-way ends its own request and nothing else.
    serve(request, response).catch(() => response.destroy());
  });
  // A kept connection that ends just when it is used again would look like a fault that nobody ordered.
  server.keepAliveTimeout = 120_000;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : port;

  return {
    url: `http://127.0.0.1:${bound}${BASE_PATH}`,
    control: makeControl(deps),
    close: async () => {
      world.clock.close();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
