import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { BucketState, Buckets, Limits } from './buckets.ts';
import { DiscordError, discordError } from './errors.ts';
import type { Faults, RestFault } from './faults.ts';
import { readJson, readMultipart } from './multipart.ts';
import { applicationRoutes } from './routes-application.ts';
import { channelRoutes } from './routes-channels.ts';
import { interactionRoutes } from './routes-interactions.ts';
import { messageRoutes } from './routes-messages.ts';
import { noteRefusal, traceOf } from './trace.ts';
import { record, type World } from './world.ts';

export type RestDeps = {
  readonly world: World;
  readonly tokens: readonly string[];
  readonly limits: Limits;
  readonly buckets: Buckets;
  readonly faults: Faults;
  /** How long every request takes, as a real one would; drivers may change it. */
  readonly latency: { ms: number };
};

const PREFIX = '/api/v10';
const MAX_REQUEST_BYTES = 25 * 1024 * 1024;

const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '/';

/** Interaction tokens are worth money for fifteen minutes; the log does not show them. */
const shownPath = (request: FastifyRequest): string =>
  pathOf(request).replace(/(\/(?:interactions|webhooks)\/\d+\/)[^/]+/, '$1:token');

const needsNoToken = (request: FastifyRequest): boolean => /\/(interactions|webhooks)\//.test(pathOf(request));

function authorise(request: FastifyRequest, tokens: readonly string[]): void {
  if (needsNoToken(request)) return;
  const sent = /^Bot (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (sent === undefined || !tokens.includes(sent)) throw discordError('unauthorized');
}

/** Discord counts by route and by the channel, guild or webhook in it. */
function bucketKey(request: FastifyRequest): string {
  const major = /\/(channels|guilds|webhooks)\/(\d+)/.exec(pathOf(request))?.[2] ?? '';
  return `${request.method} ${request.routeOptions.url ?? ''} ${major}`;
}

const isMessageWrite = (request: FastifyRequest): boolean =>
  /\/channels\/:channel\/messages(\/:message)?$/.test(request.routeOptions.url ?? '') &&
  (request.method === 'POST' || request.method === 'PATCH');

function limitHeaders(reply: FastifyReply, state: BucketState, key: string): void {
  reply.headers({
    'x-ratelimit-limit': state.limit,
    'x-ratelimit-remaining': state.remaining,
    'x-ratelimit-reset': (state.resetAtMs / 1000).toFixed(3),
    'x-ratelimit-reset-after': (state.resetAfterMs / 1000).toFixed(3),
    'x-ratelimit-bucket': Buffer.from(key).toString('hex').slice(0, 32),
  });
}

function refuse(reply: FastifyReply, retryAfterS: number): FastifyReply {
  const body = { message: 'You are being rate limited.', retry_after: retryAfterS, global: false };
  return reply
    .code(429)
    .headers({ 'retry-after': Math.ceil(retryAfterS), 'x-ratelimit-scope': 'user' })
    .send(body);
}

/** Answers and webhooks of interactions do not count against the limits of the bot. */
function limited(deps: RestDeps, request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  if (!deps.limits.isOn || needsNoToken(request)) return undefined;
  const key = bucketKey(request);
  const state = deps.buckets.take(key, isMessageWrite(request) ? deps.limits.messages : deps.limits.others);
  limitHeaders(reply, state, key);
  return state.isFull ? refuse(reply, state.resetAfterMs / 1000) : undefined;
}

const faultAnswer = (fault: RestFault): DiscordError =>
  new DiscordError(fault.status, fault.code, { message: `${fault.status}: ordered by the sandbox` });

async function meetFault(deps: RestDeps, request: FastifyRequest, reply: FastifyReply) {
  const fault = deps.faults.take(request.method, pathOf(request));
  if (!fault) return undefined;
  traceOf(request).fault = fault;
  if (fault.kind === '429') return refuse(reply, fault.retryAfterS);
  if (fault.kind === 'error_before') throw faultAnswer(fault);
  if (fault.kind === 'late') await sleep(fault.delayMs);
  return undefined;
}

/** The work is done by now: the caller hears too late, wrongly or not at all. */
async function spoil(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  const fault = traceOf(request).fault;
  if (fault?.kind === 'slow') await sleep(fault.delayMs);
  if (fault?.kind === 'reset_after') request.raw.socket.destroy();
  if (fault?.kind !== 'error_after') return payload;
  const body = JSON.stringify(faultAnswer(fault).body);
  reply.code(fault.status).headers({ 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  return body;
}

function keep(world: World, request: FastifyRequest, reply: FastifyReply): void {
  const trace = traceOf(request);
  const { unknownKeys, verdict } = trace;
  record(world, {
    id: (world.requests.at(-1)?.id ?? 0) + 1,
    at: new Date(trace.startedAt).toISOString(),
    method: request.method,
    path: shownPath(request),
    status: reply.statusCode,
    tookMs: Date.now() - trace.startedAt,
    ...(request.body !== undefined && request.body !== null && { body: request.body }),
    ...(unknownKeys && { unknown_keys: unknownKeys }),
    ...(verdict && { verdict }),
  });
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof DiscordError) {
    noteRefusal(request, error);
    return reply.code(error.status).send(error.body);
  }
  const isTooLarge = error instanceof Error && 'code' in error && error.code === 'FST_ERR_CTP_BODY_TOO_LARGE';
  if (isTooLarge) return reply.code(413).send(discordError('tooLarge').body);
  request.log.error(error);
  return reply.code(500).send({ message: '500: Internal Server Error', code: 0 });
}

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
      api.setErrorHandler(answerError);
      api.addHook('onRequest', async (request) => {
        traceOf(request);
        if (deps.latency.ms > 0) await sleep(deps.latency.ms);
        authorise(request, deps.tokens);
      });
      api.addHook('preHandler', async (request, reply) => {
        if (limited(deps, request, reply)) return reply;
        return meetFault(deps, request, reply);
      });
      api.addHook('onSend', spoil);
      api.addHook('onResponse', async (request, reply) => keep(deps.world, request, reply));
      // A route of its own, so that calls which the sandbox does not know stand in the request log too.
      api.all('/*', async () => {
        throw discordError('notFound');
      });
      applicationRoutes(api, deps.world);
      channelRoutes(api, deps.world);
      messageRoutes(api, deps.world);
      interactionRoutes(api, deps.world);
      done();
    },
    { prefix: PREFIX, bodyLimit: MAX_REQUEST_BYTES },
  );
}
