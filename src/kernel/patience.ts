import { RemoteFailure } from './errors.ts';
import type { Answer } from './handler.ts';

/**
 * An outage of a service uses up no tries, or what waits for it would be given up after an hour. What can never succeed is not
 * caught here: the caller knows what it means for the task.
 */
export async function patiently(pauseMs: number, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RemoteFailure) || error.retry === 'never') throw error;
    const afterMs = typeof error.retry === 'object' ? error.retry.afterMs : pauseMs;
    return { kind: 'retry', reason: error.message, afterMs, uncounted: true };
  }
}
