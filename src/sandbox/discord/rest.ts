import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Bans } from './bans.ts';
import { DiscordError, discordError } from './errors.ts';
import type { Faults, RestFault } from './faults.ts';
import { judgeRequest } from './judge/request.ts';
import { readJson, readMultipart } from './multipart.ts';
import { demandRoom, isByInteraction, type LimitDeps, LimitedError } from './rate-limits.ts';
import { applicationRoutes } from './routes-application.ts';
import { channelRoutes } from './routes-channels.ts';
import { interactionRoutes } from './routes-interactions.ts';
import { messageRoutes } from './routes-messages.ts';
import { noteRefusal, traceOf } from './trace.ts';
import { record, type World } from './world.ts';

export type RestDeps = LimitDeps & {
  readonly tokens: readonly string[];
  readonly faults: Faults;
  readonly bans: Bans;
  /** How long every request takes, as a real one would; drivers may change it. */
  readonly latency: { ms: number };
};

const PREFIX = '/api/v10';
const MAX_REQUEST_BYTES = 25 * 1024 * 1024;

const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '/';

/** Interaction tokens are worth money for fifteen minutes; the log does not show them. */
const shownPath = (request: FastifyRequest): string =>
  pathOf(request).replace(/(\/(?:interactions|webhooks)\/\d+\/)[^/]+/, '$1:token');

function authorise(request: FastifyRequest, tokens: readonly string[]): void {
  if (isByInteraction(request)) return;
  const sent = /^Bot (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (sent === undefined || !tokens.includes(sent)) throw discordError('unauthorized');
}

const faultAnswer = (fault: RestFault): DiscordError =>
  new DiscordError(fault.status, fault.code, { message: `${fault.status}: ordered by the sandbox` });

async function meetFault(deps: RestDeps, request: FastifyRequest, reply: FastifyReply) {
  const path = pathOf(request);
  const fault = deps.faults.take({ method: request.method, path, isInteraction: isByInteraction(request) });
  if (!fault) return undefined;
  traceOf(request).fault = fault;
  if (fault.kind === '429')
    throw new LimitedError(fault.retryAfterS, { scope: fault.scope ?? 'user', code: fault.code });
  if (fault.kind === 'error_before') throw faultAnswer(fault);
  if (fault.kind === 'late') await sleep(fault.delayMs);
  if (fault.kind !== 'reset_before') return undefined;
  request.raw.socket.destroy();
  return reply.hijack();
}

/** The head promises the whole body; half of it comes. */
function halfOf(request: FastifyRequest, reply: FastifyReply, payload: string): Readable {
  const bytes = Buffer.from(payload);
  reply.header('content-length', bytes.length);
  const HALF_ARRIVES_MS = 20;
  return Readable.from(
    (async function* () {
      yield bytes.subarray(0, Math.floor(bytes.length / 2));
      await sleep(HALF_ARRIVES_MS);
      request.raw.socket.destroy();
    })(),
  );
}

/** The work is done by now: the caller hears too late, wrongly or not at all. */
async function spoil(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  const fault = traceOf(request).fault;
  if (fault?.kind === 'slow') await sleep(fault.delayMs);
  if (fault?.kind === 'reset_mid_body' && typeof payload === 'string') return halfOf(request, reply, payload);
  if (fault?.kind === 'reset_after' || fault?.kind === 'reset_mid_body') request.raw.socket.destroy();
  if (fault?.kind !== 'error_after') return payload;
  const body = JSON.stringify(faultAnswer(fault).body);
  reply.code(fault.status).headers({ 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  return body;
}

function keep(world: World, request: FastifyRequest, reply: FastifyReply): void {
  const trace = traceOf(request);
  const { verdict } = trace;
  record(world, {
    id: (world.requests.at(-1)?.id ?? 0) + 1,
    at: new Date(trace.startedAt).toISOString(),
    method: request.method,
    path: shownPath(request),
    status: reply.statusCode,
    tookMs: Date.now() - trace.startedAt,
    ...(request.body !== undefined && request.body !== null && { body: request.body }),
    ...(verdict && { verdict }),
  });
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof DiscordError) {
    noteRefusal(request, error);
    if (error instanceof LimitedError) reply.headers(error.headers);
    return reply.code(error.status).send(error.body);
  }
  const isTooLarge = error instanceof Error && 'code' in error && error.code === 'FST_ERR_CTP_BODY_TOO_LARGE';
  if (isTooLarge) return reply.code(413).send(discordError('tooLarge').body);
  request.log.error(error);
  return reply.code(500).send({ message: '500: Internal Server Error', code: 0 });
}

const judgedOf = (request: FastifyRequest) => ({
  traced: request,
  method: request.method,
  route: (request.routeOptions.url ?? '').slice(PREFIX.length),
  params: request.params as Record<string, string>,
});

function readBodies(api: FastifyInstance): void {
  api.removeAllContentTypeParsers();
  api.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: FastifyRequest, text: string) =>
    readJson(text),
  );
  api.addContentTypeParser(
    'multipart/form-data',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, all: Buffer) => {
      const { body, files } = await readMultipart(all, request.headers['content-type'] ?? '');
      traceOf(request).files = files;
      return body;
    },
  );
}

/** The slice of Discord's REST v10 that a bot like this uses: auth → limit → fault → work → log. */
export function registerRest(app: FastifyInstance, deps: RestDeps): void {
  app.register(
    (api, _options, done) => {
      readBodies(api);
      // Fastify takes it per route or for a whole server, not for a part of one.
      api.addHook('onRoute', (route) => {
        route.bodyLimit ??= MAX_REQUEST_BYTES;
      });
      api.setErrorHandler((error, request, reply) => {
        if (error instanceof DiscordError) deps.bans.note(error.status, error);
        return answerError(error, request, reply);
      });
      api.addHook('onRequest', async (request, reply) => {
        traceOf(request);
        if (deps.latency.ms > 0) await sleep(deps.latency.ms);
        const refused = deps.bans.refuse(reply);
        if (refused) return refused;
        authorise(request, deps.tokens);
        return undefined;
      });
      api.addHook('preHandler', async (request, reply) => {
        demandRoom(deps, request, reply);
        return meetFault(deps, request, reply);
      });
      api.addHook('preHandler', async (request) => judgeRequest(deps.world, judgedOf(request)));
      api.addHook('onSend', spoil);
      api.addHook('onResponse', async (request, reply) => keep(deps.world, request, reply));
      // A route of its own, so that calls which the sandbox does not know stand in the request log too.
      api.all('/*', async () => {
        throw discordError('notFound');
      });
      applicationRoutes(api, deps);
      channelRoutes(api, deps);
      messageRoutes(api, deps);
      interactionRoutes(api, deps.world);
      done();
    },
    { prefix: PREFIX },
  );
}
