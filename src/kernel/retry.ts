/** Full jitter: a random delay up to `baseMs · 2^(attempt - 1)`, capped. `random` is in [0, 1). */
export function fullJitterMs(attempt: number, baseMs: number, capMs: number, random: number): number {
  return Math.floor(random * Math.min(capMs, baseMs * 2 ** (attempt - 1)));
}

const HOUR_MS = 3_600_000;

/**
 * What a `Retry-After` header asks for, in milliseconds, between 0 and one hour: seconds or an HTTP date.
 * Undefined where the header is absent or makes no sense.
 */
export function retryAfterMs(header: string | null | undefined, now: Date): number | undefined {
  if (!header?.trim()) return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now.getTime();
  if (!Number.isFinite(ms)) return undefined;
  return Math.min(HOUR_MS, Math.max(0, Math.ceil(ms)));
}
