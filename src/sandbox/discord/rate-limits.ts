import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { BucketState, Buckets, LimitRule, Limits } from './buckets.ts';
import { DiscordError } from './errors.ts';
import type { LimitScope } from './faults.ts';
import type { World } from './world.ts';

export type LimitDeps = { readonly world: World; readonly limits: Limits; readonly buckets: Buckets };

const TOO_MANY = 429;

/** A 429 in Discord's shape; `scope` says whose limit it was. */
export class LimitedError extends DiscordError {
  readonly retryAfterS: number;
  readonly scope: LimitScope;

  constructor(retryAfterS: number, facts: { readonly scope: LimitScope; readonly code?: number; message?: string }) {
    super(TOO_MANY, facts.code ?? 0, { message: facts.message ?? 'You are being rate limited.' });
    this.retryAfterS = Math.ceil(retryAfterS * 1000) / 1000;
    this.scope = facts.scope;
  }

  override get body(): object {
    const global = this.scope === 'global';
    return { message: this.message, retry_after: this.retryAfterS, global, ...(this.code > 0 && { code: this.code }) };
  }

  get headers(): Record<string, string> {
    return {
      'retry-after': String(Math.ceil(this.retryAfterS)),
      'x-ratelimit-scope': this.scope,
      ...(this.scope === 'global' && { 'x-ratelimit-global': 'true' }),
    };
  }
}

const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '/';

/** These carry their credential in the path, and are not under the global limit. */
export const isByInteraction = (request: FastifyRequest): boolean =>
  /\/(interactions|webhooks)\//.test(pathOf(request));

const isCallback = (request: FastifyRequest): boolean => pathOf(request).includes('/interactions/');

const isMessageWrite = (request: FastifyRequest): boolean =>
  /\/channels\/:channel\/messages(\/:message)?$/.test(request.routeOptions.url ?? '') &&
  (request.method === 'POST' || request.method === 'PATCH');

type Bucket = { readonly route: string; readonly major: string; readonly rule: LimitRule };

/** Some routes share a bucket: those of one interaction token, and putting and taking back a reaction. */
function bucketOf(request: FastifyRequest, limits: Limits): Bucket {
  const route = request.routeOptions.url ?? '';
  const token = /\/webhooks\/(\d+\/[^/]+)/.exec(pathOf(request))?.[1];
  if (token !== undefined) return { route: 'webhooks', major: token, rule: limits.webhooks };
  const major = /\/(channels|guilds)\/(\d+)/.exec(pathOf(request))?.[2] ?? '';
  if (route.includes('/reactions/')) return { route: 'reactions', major, rule: limits.reactions };
  const rule = isMessageWrite(request) ? limits.messages : limits.others;
  return { route: `${request.method} ${route}`, major, rule };
}

/** The id of a bucket is that of its routes: the same for every channel, which then has a count of its own. */
const bucketId = ({ route }: Bucket): string => createHash('sha256').update(route).digest('hex').slice(0, 32);

function tell(reply: FastifyReply, bucket: Bucket, state: BucketState): void {
  reply.headers({
    'x-ratelimit-limit': state.limit,
    'x-ratelimit-remaining': state.remaining,
    'x-ratelimit-reset': (state.resetAtMs / 1000).toFixed(3),
    'x-ratelimit-reset-after': (state.resetAfterMs / 1000).toFixed(3),
    'x-ratelimit-bucket': bucketId(bucket),
  });
}

/** Counts a request; throws where its bucket, or that of the whole bot, is full. */
export function demandRoom({ limits, buckets }: LimitDeps, request: FastifyRequest, reply: FastifyReply): void {
  if (!limits.isOn || isCallback(request)) return;
  if (!isByInteraction(request)) {
    const all = buckets.take('global', limits.global);
    if (all.isFull) throw new LimitedError(all.resetAfterMs / 1000, { scope: 'global' });
  }
  const bucket = bucketOf(request, limits);
  const state = buckets.take(`${bucket.route} ${bucket.major}`, bucket.rule);
  tell(reply, bucket, state);
  if (state.isFull) throw new LimitedError(state.resetAfterMs / 1000, { scope: 'user' });
}

const HOUR_MS = 3_600_000;

/** A message that is older than an hour may be edited, but not often. */
export function demandRoomForEdit(deps: LimitDeps, message: { channel_id: string; timestamp: string }): void {
  const { world, limits, buckets } = deps;
  if (!limits.isOn || world.now() - Date.parse(message.timestamp) <= HOUR_MS) return;
  const state = buckets.take(`old edits ${message.channel_id}`, limits.oldEdits);
  if (!state.isFull) return;
  throw new LimitedError(state.resetAfterMs / 1000, {
    scope: 'user',
    code: 30046,
    message: 'Maximum number of edits to messages older than 1 hour reached. Try again later.',
  });
}

/** A command that is not there yet counts; one that is changed does not. */
export function demandRoomForCommands({ limits, buckets }: LimitDeps, where: string, created: number): void {
  if (!limits.isOn || created === 0) return;
  const state = buckets.take(`commands ${where}`, limits.commandCreates, created);
  if (!state.isFull) return;
  const { limit } = limits.commandCreates;
  throw new LimitedError(state.resetAfterMs / 1000, {
    scope: 'user',
    code: 30034,
    message: `Max number of daily application command creates has been reached (${limit})`,
  });
}

export const IDENTIFIES = 'identifies';

/** How often a bot may still identify today; a day begins with the first. */
export function identifiesLeft({ limits, buckets }: LimitDeps) {
  const { limit, remaining, resetAfterMs } = buckets.look(IDENTIFIES, limits.identifies);
  return { total: limit, remaining, reset_after: resetAfterMs, max_concurrency: 1 };
}
