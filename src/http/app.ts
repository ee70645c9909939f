import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Log } from '#kernel/log.ts';
import type { Metrics } from './metrics.ts';
import { answerErrors, HttpProblem, type Problem, problemBody, problems, sendProblem } from './problem.ts';
import { discordInteractionsRoute, type InteractionsRouteDeps } from './routes/discord-interactions.ts';
import { type HealthDeps, healthRoutes } from './routes/health.ts';
import { metricsRoute } from './routes/metrics.ts';
import { openApiRoute } from './routes/openapi.ts';
import { type WebhooksDeps, webhookRoutes } from './routes/webhooks.ts';
import { limitWaiting } from './waiting.ts';

export type AppDeps = {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly health: HealthDeps;
  /** How many proxies of our own stand in front; only what they say of the caller's address is believed. */
  readonly trustedProxies: number;
  /** Without one, only this machine reads /metrics. */
  readonly metricsToken?: string | undefined;
  /** Absent where the application's public key is not known: nothing could be verified. */
  readonly interactions?: InteractionsRouteDeps | undefined;
  readonly webhooks: WebhooksDeps;
};

/** Whoever sends slowly is cut off after 5 s in the headers and 10 s in the body at the latest. */
const HEADERS_WITHIN_MS = 4500;
const REQUEST_WITHIN_MS = 9500;
/** Often, so that those who came together are not ended all at once: meanwhile nobody else is answered. */
const LOOK_EVERY_MS = 100;
/** Longer than the proxies in front keep a connection, so that they never send into one that is being closed. */
const KEEP_ALIVE_MS = 72_000;
/** No answer takes this long, so who does not read one for so long will not read it at all. */
const SILENT_MS = 30_000;
const LINGER_MS = 1000;
const MAX_CONNECTIONS = 4000;
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_HEADERS = 64;
const BODY_LIMIT_BYTES = 256 * 1024;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

const serverOptions = {
  headersTimeout: HEADERS_WITHIN_MS,
  requestTimeout: REQUEST_WITHIN_MS,
  connectionsCheckingInterval: LOOK_EVERY_MS,
  maxHeaderSize: MAX_HEADER_BYTES,
  // Node would answer a request without a host by itself, without a body; `earlyProblem` does it in our form.
  requireHostHeader: false,
};

/** Closed at once, unread bytes would cost the caller the answer; left alone, who never hangs up would stay. */
function hangUp(socket: Socket, lastWords = ''): void {
  socket.end(lastWords);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

/** Whether a request of this connection is being answered. Node looks at the same field before it answers by itself. */
function isAnswering(socket: Socket): boolean {
  const answer: Pick<ServerResponse, 'headersSent' | 'req'> | null | undefined = Reflect.get(socket, '_httpMessage');
  return Boolean(answer && (answer.headersSent || answer.req.complete));
}

/** What cannot even be read as HTTP has no request: its answer is written to the socket, in the same form. */
function answerBroken(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  // A second answer would be taken for that of another request.
  if (isAnswering(socket)) {
    hangUp(socket);
    return;
  }
  const status = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 }[String(error.code)] ?? 400;
  const correlation = randomUUID();
  const problem = { ...problems.badRequest, status, retryable: status === 408 };
  const body = JSON.stringify(problemBody(problem, correlation));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-correlation-id: ${correlation}`,
    'connection: close',
  ];
  hangUp(socket, `${head.join('\r\n')}\r\n\r\n${body}`);
}

const TOO_SLOW = Object.assign(new Error('The connection made room for another.'), {
  code: 'ERR_HTTP_REQUEST_TIMEOUT',
});

/** Anything but `100-continue`, which node answers with a bare 417. */
function refuseExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const correlation = randomUUID();
  response.writeHead(417, {
    'content-type': 'application/json; charset=utf-8',
    'x-correlation-id': correlation,
    connection: 'close',
  });
  response.end(JSON.stringify(problemBody(problems.badRequest, correlation)));
}

const isHost = (name: string) => name.length === 4 && name.toLowerCase() === 'host';

/**
 * What a proxy and this server could understand differently: two hosts, or one in the target, a body in a coding that
 * one of them may not know, chunks in a version that has none. Most of the kind node refuses by itself.
 */
function isAmbiguous({ headers, rawHeaders, url, httpVersion }: IncomingMessage): boolean {
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && (coding.toLowerCase() !== 'chunked' || httpVersion === '1.0')) return true;
  if (!url?.startsWith('/')) return true;
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) if (isHost(rawHeaders[at] ?? '')) hosts += 1;
  return hosts !== 1;
}

/** After these an answer ends the connection: what follows on it would be read for nothing, or as something else. */
function isLast({ raw, headers }: FastifyRequest): boolean {
  if (headers.upgrade !== undefined) return true;
  if (raw.complete) return false;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > BODY_LIMIT_BYTES;
}

const isEncoded = ({ headers }: FastifyRequest) => (headers['content-encoding'] ?? 'identity') !== 'identity';

const isTooLarge = ({ headers, routeOptions }: FastifyRequest) =>
  Number(headers['content-length'] ?? 0) > (routeOptions.bodyLimit ?? BODY_LIMIT_BYTES);

function wrongMethod(app: FastifyInstance, request: FastifyRequest): Problem {
  const url = request.url.split('?', 1)[0] ?? '/';
  const allowed = METHODS.filter((method) => app.hasRoute({ method, url }));
  if (allowed.length === 0) return problems.notFound;
  return {
    status: 405,
    code: 'method_refused',
    message: `This address takes ${allowed.join(', ')}.`,
    retryable: false,
    headers: { allow: allowed.join(', ') },
  };
}

/** Everything that can be refused without reading the body. */
function earlyProblem(app: FastifyInstance, request: FastifyRequest): Problem | undefined {
  if (isAmbiguous(request.raw)) return problems.ambiguous;
  if (request.is404) return wrongMethod(app, request);
  if (isEncoded(request)) return problems.encoded;
  return isTooLarge(request) ? problems.tooLarge : undefined;
}

function newServer({ log, trustedProxies }: AppDeps): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_WITHIN_MS,
    connectionTimeout: SILENT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    // While it closes, what already has a connection is still answered, in our form.
    return503OnClosing: false,
    requestIdHeader: false,
    genReqId: () => randomUUID(),
    trustProxy: (_address, hop) => hop < trustedProxies,
    clientErrorHandler: answerBroken,
    frameworkErrors: (_error, request, reply) => {
      reply.header('x-correlation-id', request.id);
      sendProblem(reply, problems.badRequest);
    },
    http: serverOptions,
  });
  app.server.maxHeadersCount = MAX_HEADERS;
  app.server.maxConnections = MAX_CONNECTIONS;
  // Who only keeps a connection makes room for who comes next.
  app.server.on('drop', () => app.server.closeIdleConnections());
  app.server.on('checkExpectation', refuseExpectation);
  limitWaiting(app, (socket, hasBegun) => {
    if (hasBegun) answerBroken(TOO_SLOW, socket);
    else hangUp(socket);
  });
  app.setErrorHandler(answerErrors(log));
  return app;
}

/** What helmet sets, asked once: it would put its longest header together anew for every request. */
async function securityHeaders(): Promise<Readonly<Record<string, string>>> {
  const app = Fastify();
  await app.register(helmet);
  app.get('/', async (_request, reply) => {
    reply.removeHeader('content-type');
    return reply.raw.getHeaders();
  });
  const answer = await app.inject('/');
  await app.close();
  return answer.json();
}

async function watchRequests(app: FastifyInstance, { metrics, health }: AppDeps): Promise<void> {
  const always = await securityHeaders();
  app.addHook('onRequest', (request, reply, next) => {
    reply.headers(always).header('x-correlation-id', request.id);
    const problem = earlyProblem(app, request);
    if (problem) sendProblem(reply, problem);
    else next();
  });
  // Fastify tells only those who come while it closes; who came before would hold their connection open.
  app.addHook('onSend', (request, reply, _payload, next) => {
    if (health.isDraining() || isLast(request)) reply.header('connection', 'close');
    next();
  });
  app.addHook('onResponse', (request, reply, next) => {
    const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
    metrics.request({ route, status: reply.statusCode, tookMs: reply.elapsedTime });
    next();
  });
}

const limitReached = (_request: FastifyRequest, { ttl }: { readonly ttl: number }) =>
  new HttpProblem({ ...problems.limited, headers: { 'retry-after': String(Math.ceil(ttl / 1000)) } });

/**
 * The HTTP door. No body is parsed here: a route gets bytes, and reads them when it knows who sent them. What can be
 * refused by its headers is refused before its body is read. The limit by address stands only where a secret could be
 * guessed: signed requests all come from Discord's few addresses, and a forged one costs less than counting it.
 */
export async function buildApp(deps: AppDeps): Promise<FastifyInstance> {
  const app = newServer(deps);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request: FastifyRequest, bytes: Buffer) => bytes);
  app.setNotFoundHandler((request: FastifyRequest, reply: FastifyReply) =>
    sendProblem(reply, wrongMethod(app, request)),
  );
  await app.register(rateLimit, { global: false, errorResponseBuilder: limitReached });
  await watchRequests(app, deps);
  healthRoutes(app, deps.health);
  metricsRoute(app, deps);
  if (deps.interactions) discordInteractionsRoute(app, deps.interactions);
  webhookRoutes(app, deps.webhooks);
  openApiRoute(app, deps.webhooks.webhooks);
  return app;
}
