import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Tapped = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly at: number;
};

export type TappingProxy = {
  readonly origin: string;
  /** All that was asked, in the order in which it arrived. */
  readonly heard: readonly Tapped[];
  stop(): Promise<void>;
};

/** Answers in the service's stead; false lets the request through. */
export type Meddle = (request: Tapped, response: ServerResponse) => boolean;

const OWN = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'content-encoding', 'keep-alive']);

const passed = (headers: IncomingHttpHeaders) =>
  Object.fromEntries(
    Object.entries(headers).filter(
      (entry): entry is [string, string] => !OWN.has(entry[0]) && typeof entry[1] === 'string',
    ),
  );

async function hear(request: IncomingMessage): Promise<Tapped> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method = 'GET', url = '/', headers } = request;
  return { method, path: url, headers, body: Buffer.concat(chunks), at: performance.now() };
}

async function forward(target: string, { method, path, headers, body }: Tapped, response: ServerResponse) {
  const answer = await fetch(`${target}${path}`, {
    method,
    headers: passed(headers),
    redirect: 'manual',
    ...(body.length > 0 && { body: new Uint8Array(body) }),
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  response.writeHead(answer.status, passed(Object.fromEntries(answer.headers))).end(bytes);
}

/** Stands before a service and remembers what the bot asks of it. */
export async function startTappingProxy(target: string, meddle: Meddle = () => false): Promise<TappingProxy> {
  const heard: Tapped[] = [];
  const server = createServer((request, response) => {
    const serve = async () => {
      const asked = await hear(request);
      heard.push(asked);
      if (!meddle(asked, response)) await forward(target, asked, response);
    };
    // Whoever was killed half-way ends its own request and nothing else.
    serve().catch(() => response.destroy());
  });
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
