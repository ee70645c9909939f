import { RemoteFailure } from './errors.ts';
import type { Answer } from './handler.ts';

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
    return { kind: 'retry', reason: error.message, afterMs, uncounted: true };
  }
}
