import { setTimeout as pause } from 'node:timers/promises';
import { RemoteFailure } from '#kernel/errors.ts';
import { fullJitterMs } from '#kernel/retry.ts';

export type Patience = {
  /** So long a database that is away is waited for; nobody stands behind a message who could send it again. */
  readonly patienceMs: number;
  readonly signal: AbortSignal;
};

const FIRST_MS = 250;
const LONGEST_MS = 4000;

const mayPass = (error: unknown) =>
  error instanceof RemoteFailure && error.service === 'database' && error.retry !== 'never';

/** Tries again while the database is away, and throws its last failure when the patience is over. */
export async function insist<Result>({ patienceMs, signal }: Patience, work: () => Promise<Result>): Promise<Result> {
  const until = performance.now() + patienceMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const waitMs = fullJitterMs(attempt, FIRST_MS, LONGEST_MS, Math.random());
      if (!mayPass(error) || signal.aborted || performance.now() + waitMs > until) throw error;
      await pause(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Runs the work of one key one after the other; undefined where too much of it waits already. */
export function inTurn(most: number) {
  const last = new Map<string, { work: Promise<void>; waiting: number }>();
  return (key: string, begin: () => Promise<void>): Promise<void> | undefined => {
    const before = last.get(key);
    if (before && before.waiting >= most) return undefined;
    const line = before ?? { work: Promise.resolve(), waiting: 0 };
    line.waiting += 1;
    line.work = line.work.then(begin).finally(() => {
      line.waiting -= 1;
      if (line.waiting === 0) last.delete(key);
    });
    last.set(key, line);
    return line.work;
  };
}

/** Remembers for a while, and no more than so much. */
export function memory(forMs: number, most: number, now: () => number = () => performance.now()) {
  const until = new Map<string, number>();
  return {
    has: (key: string) => (until.get(key) ?? 0) > now(),
    add: (key: string) => {
      until.delete(key);
      until.set(key, now() + forMs);
      for (const oldest of until.keys()) {
        if (until.size <= most) break;
        until.delete(oldest);
      }
    },
  };
}
