/** A bucket's answer, as the `X-RateLimit-*` headers tell it. */
export type BucketState = {
  readonly isFull: boolean;
  readonly limit: number;
  readonly remaining: number;
  readonly resetAtMs: number;
  readonly resetAfterMs: number;
};

export type LimitRule = { readonly limit: number; readonly windowMs: number };

export type Limits = {
  isOn: boolean;
  /** Create and edit of messages, each per channel: seen in practice, not documented by Discord. */
  messages: LimitRule;
  /** Follow-ups and edits by an interaction's token, together: seen in practice. */
  webhooks: LimitRule;
  /** Reactions, per channel. */
  reactions: LimitRule;
  /** Every other route, per route and channel. */
  others: LimitRule;
  /** All requests of a bot but the answers to interactions. */
  global: LimitRule;
  /** Edits of messages older than an hour, per channel: measured by discord-userdoccers, not documented by Discord. */
  oldEdits: LimitRule;
  commandCreates: LimitRule;
  /** Answers of 401, 403 and 429 (but those of scope `shared`); one more and the address is banned for `banMs`. */
  invalid: LimitRule & { readonly banMs: number };
  identifies: LimitRule;
  /** One IDENTIFY in this time: `max_concurrency` of a small bot is 1. */
  identifyEveryMs: number;
  gatewaySends: LimitRule;
  activeThreads: number;
};

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export const defaultLimits = (): Limits => ({
  isOn: true,
  messages: { limit: 5, windowMs: 5 * SECOND_MS },
  webhooks: { limit: 5, windowMs: 2 * SECOND_MS },
  reactions: { limit: 1, windowMs: 250 },
  others: { limit: 50, windowMs: SECOND_MS },
  global: { limit: 50, windowMs: SECOND_MS },
  oldEdits: { limit: 3, windowMs: 6 * SECOND_MS },
  commandCreates: { limit: 200, windowMs: DAY_MS },
  invalid: { limit: 10_000, windowMs: 10 * MINUTE_MS, banMs: 60 * MINUTE_MS },
  identifies: { limit: 1_000, windowMs: DAY_MS },
  identifyEveryMs: 5 * SECOND_MS,
  gatewaySends: { limit: 120, windowMs: MINUTE_MS },
  activeThreads: 1_000,
});

export type Buckets = {
  /** Uses up one, or as many as are named; a full bucket gives none of them. */
  take(key: string, rule: LimitRule, count?: number): BucketState;
  look(key: string, rule: LimitRule): BucketState;
  /** As if so many were used in a window that begins now. */
  fill(key: string, rule: LimitRule, used: number): void;
  forget(key: string): void;
};

/** Fixed windows that begin with the first request, as Discord's do. */
export function createBuckets(now: () => number): Buckets {
  const windows = new Map<string, { used: number; endsAt: number }>();
  const open = (key: string, { windowMs }: LimitRule) => {
    const known = windows.get(key);
    return known && known.endsAt > now() ? known : { used: 0, endsAt: now() + windowMs };
  };
  const take: Buckets['take'] = (key, rule, count = 1) => {
    const window = open(key, rule);
    const isFull = window.used + count > rule.limit;
    if (!isFull) window.used += count;
    if (count > 0) windows.set(key, window);
    return {
      isFull,
      limit: rule.limit,
      remaining: Math.max(0, rule.limit - window.used),
      resetAtMs: window.endsAt,
      resetAfterMs: window.endsAt - now(),
    };
  };
  return {
    take,
    look: (key, rule) => take(key, rule, 0),
    fill: (key, rule, used) => void windows.set(key, { used, endsAt: now() + rule.windowMs }),
    forget: (key) => void windows.delete(key),
  };
}
