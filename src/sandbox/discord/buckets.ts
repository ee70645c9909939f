/** A bucket's answer, as the `X-RateLimit-*` headers tell it. */
export type BucketState = {
  readonly isFull: boolean;
  readonly limit: number;
  readonly remaining: number;
  readonly resetAtMs: number;
  readonly resetAfterMs: number;
};

type LimitRule = { readonly limit: number; readonly windowMs: number };

export type Limits = {
  isOn: boolean;
  /** Create and edit of messages, each per channel: seen in practice, not documented by Discord. */
  messages: LimitRule;
  /** Every other route, per route and channel. */
  others: LimitRule;
};

export const defaultLimits = (): Limits => ({
  isOn: true,
  messages: { limit: 5, windowMs: 5_000 },
  others: { limit: 50, windowMs: 1_000 },
});

export type Buckets = { take(key: string, rule: LimitRule): BucketState };

/** Fixed windows that begin with the first request, as Discord's do. */
export function createBuckets(now: () => number): Buckets {
  const windows = new Map<string, { used: number; endsAt: number }>();
  return {
    take(key, { limit, windowMs }) {
      const at = now();
      const known = windows.get(key);
      const window = known && known.endsAt > at ? known : { used: 0, endsAt: at + windowMs };
      windows.set(key, window);
      const isFull = window.used >= limit;
      if (!isFull) window.used += 1;
      return {
        isFull,
        limit,
        remaining: limit - window.used,
        resetAtMs: window.endsAt,
        resetAfterMs: window.endsAt - at,
      };
    },
  };
}
