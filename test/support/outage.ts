import { vi } from 'vitest';
import { keyBreakers } from '#jules/breaker.ts';
import { RemoteFailure } from '#kernel/errors.ts';
import { done } from '#kernel/handler.ts';
import { patient } from '#kernel/patience.ts';
import type { Seeded } from './seeded.ts';
import { aDelivery } from './tasks.ts';

const SECOND_MS = 1000;
/** What a create takes. */
const CALL_MS = 300;

export type Outage = {
  readonly tasks: number;
  readonly downMs: number;
  readonly openMs: number;
  readonly random: Seeded;
};

/**
 * Tasks that wait to be opened with one key while Jules is down, and afterwards: their lanes, patience and breaker as in
 * a worker, in time that only the test moves. Says when Jules was called.
 */
export async function liveThrough({ tasks, downMs, openMs, random }: Outage) {
  vi.useFakeTimers();
  try {
    const startedAt = Date.now();
    const since = () => Date.now() - startedAt;
    const calls: number[] = [];
    const opened: number[] = [];
    let openAt = Number.POSITIVE_INFINITY;
    const breakers = keyBreakers({ openMs, onOpen: () => (openAt = Math.min(openAt, since())) });
    const pause = (ms: number) => new Promise((resume) => setTimeout(resume, ms));
    const jules = async () => {
      calls.push(since());
      await pause(CALL_MS);
      if (since() < downMs) throw new RemoteFailure('down', { service: 'jules', code: 503, retry: 'soon' });
    };
    const handler = patient(async () => {
      await breakers.run('key', jules);
      return done;
    }, random.next);
    const lane = async (nth: number) => {
      await pause(random.below(10 * SECOND_MS));
      for (;;) {
        const answer = await handler(aDelivery('task', `task-${nth}`));
        if (answer.kind !== 'retry') break;
        await pause(answer.afterMs ?? 0);
      }
      opened.push(since());
    };
    const lanes = Promise.all(Array.from({ length: tasks }, (_, nth) => lane(nth)));
    for (let ms = 0; opened.length < tasks && ms < downMs * 3; ms += SECOND_MS)
      await vi.advanceTimersByTimeAsync(SECOND_MS);
    await lanes;
    const perSecond = (times: readonly number[]) => {
      const counts = new Map<number, number>();
      for (const at of times) counts.set(Math.floor(at / SECOND_MS), (counts.get(Math.floor(at / SECOND_MS)) ?? 0) + 1);
      return Math.max(0, ...counts.values());
    };
    const probes = calls.filter((at) => at > openAt && at < downMs);
    const gaps = probes.slice(1).map((at, nth) => at - (probes[nth] ?? 0));
    const after = calls.filter((at) => at >= downMs);
    return {
      opened: opened.length,
      beforeOpen: calls.length - probes.length - after.length,
      probes: probes.length,
      leastGapMs: Math.min(...gaps),
      after: after.length,
      peakPerSecond: perSecond(after),
      drainedMs: Math.max(...opened) - downMs,
    };
  } finally {
    vi.useRealTimers();
  }
}
