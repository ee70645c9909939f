import { RemoteFailure } from './errors.ts';
import type { Answer, Handler } from './handler.ts';
import { fullJitterMs } from './retry.ts';

/** A limit, with the time at which there is room again; an open breaker names one too, but knows nothing of room. */
const TOO_MANY = 429;

export type Patience = {
  /** Between two tries where the service names no time itself. */
  readonly pauseMs: number;
  /** What it means when the other service will never do it: only the caller knows. */
  readonly onRefused?: (error: RemoteFailure) => Promise<Answer>;
};

/** An outage of a service uses up no tries, or what waits for it would be given up after an hour. */
export async function patiently({ pauseMs, onRefused }: Patience, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RemoteFailure)) throw error;
    if (error.retry === 'never') {
      if (onRefused && error.service !== 'database') return onRefused(error);
      throw error;
    }
    const afterMs = typeof error.retry === 'object' ? error.retry.afterMs : pauseMs;
    const named = error.code === TOO_MANY && typeof error.retry === 'object';
    return { kind: 'retry', reason: error.message, afterMs, ...(named && { named }), uncounted: true };
  }
}

const FIRST_MS = 1000;
const LONGEST_MS = 60_000;

/**
 * A handler whose failures of other services use up no tries, and whose pauses grow with each one of a key in a row, as
 * far as this process has seen them. They are random: those who were sent away together must not come back together.
 * Where the service names the time itself, the pause does not grow: who was sent away often would be the last to come.
 */
export function patient(handler: Handler, random: () => number = Math.random): Handler {
  const inARow = new Map<string, number>();
  return async (delivery) => {
    const answer = await patiently({ pauseMs: 0 }, () => handler(delivery));
    if (answer.kind !== 'retry' || !answer.uncounted) {
      inARow.delete(delivery.key);
      return answer;
    }
    // Broken off from here, not by the service: that is nobody's trouble.
    delivery.signal.throwIfAborted();
    const { afterMs = 0 } = answer;
    const times = answer.named ? 1 : (inARow.get(delivery.key) ?? 0) + 1;
    inARow.set(delivery.key, times);
    return { ...answer, afterMs: afterMs + fullJitterMs(times, FIRST_MS, LONGEST_MS, random()) };
  };
}
