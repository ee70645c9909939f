import type { Log } from '#kernel/log.ts';

const EVERY_MS = 10_000;

/** One line for the first of its kind, then one per ten seconds with their number: a flood must not fill the log. */
export function sampledLog(log: Log, now: () => number = Date.now) {
  const kinds = new Map<string, { at: number; more: number }>();
  return (facts: { readonly route: string; readonly code: string }): void => {
    const kind = `${facts.route} ${facts.code}`;
    const last = kinds.get(kind);
    if (last && now() - last.at < EVERY_MS) {
      last.more += 1;
      return;
    }
    kinds.set(kind, { at: now(), more: 0 });
    log.warn({ event: 'http.refused', ...facts, ...(last?.more && { alsoSince: last.more }) }, 'Requests are refused.');
  };
}
