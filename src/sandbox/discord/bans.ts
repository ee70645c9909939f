import type { FastifyReply } from 'fastify';
import type { LimitDeps } from './rate-limits.ts';
import { LimitedError } from './rate-limits.ts';

const KEY = 'invalid requests';
const INVALID: readonly number[] = [401, 403, 429];

export type Bans = {
  /** Notes an answer; too many bad ones ban the address. */
  note(status: number, error?: unknown): void;
  set(count: number): void;
  lift(): void;
  shown(): { readonly count: number; readonly of: number; readonly bannedUntil?: string };
  /** What a banned address gets, whatever it asks for; undefined where it is not banned. */
  refuse(reply: FastifyReply): FastifyReply | undefined;
};

/**
 * 10,000 answers of 401, 403 or 429 within ten minutes, and Cloudflare, which stands in front of Discord, bans the
 * address: neither JSON nor limit headers come back then, only how long it lasts.
 */
export function createBans({ world, limits, buckets }: LimitDeps): Bans {
  let bannedUntil = 0;
  const isBanned = () => world.now() < bannedUntil;
  const ban = () => {
    bannedUntil = world.now() + limits.invalid.banMs;
  };
  const count = () => limits.invalid.limit - buckets.look(KEY, limits.invalid).remaining;
  return {
    note: (status, error) => {
      const isShared = error instanceof LimitedError && error.scope === 'shared';
      if (!limits.isOn || isShared || !INVALID.includes(status)) return;
      buckets.take(KEY, limits.invalid);
      if (count() >= limits.invalid.limit && !isBanned()) ban();
    },
    set: (used) => {
      buckets.fill(KEY, limits.invalid, used);
      if (used >= limits.invalid.limit) ban();
    },
    lift: () => {
      bannedUntil = 0;
      buckets.forget(KEY);
    },
    shown: () => ({
      count: count(),
      of: limits.invalid.limit,
      ...(isBanned() && { bannedUntil: new Date(bannedUntil).toISOString() }),
    }),
    refuse: (reply) => {
      if (!isBanned()) return undefined;
      const headers = {
        'content-type': 'text/plain; charset=UTF-8',
        server: 'cloudflare',
        'retry-after': Math.ceil((bannedUntil - world.now()) / 1000),
      };
      return reply.code(429).headers(headers).send('error code: 1015');
    },
  };
}
