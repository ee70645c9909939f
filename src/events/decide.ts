import { messageOf, RemoteFailure } from '#kernel/errors.ts';
import type { Answer } from '#kernel/handler.ts';
import { fullJitterMs } from '#kernel/retry.ts';
import { scrub } from '#kernel/scrub.ts';
import type { Claimed, Settlement } from './delivery.ts';

const BACKOFF_CAP_MS = 900_000;
const ERROR_LENGTH = 500;

/** An error as it may be stored: scrubbed, and no longer than anybody reads. */
const storedError = (text: string) => scrub(text).slice(0, ERROR_LENGTH) || 'no reason given';

/** What a throw means. Only other services' failures know better than "try again". */
export function answerToThrown(error: unknown): Answer {
  if (!(error instanceof RemoteFailure)) return { kind: 'retry', reason: messageOf(error) };
  if (error.retry === 'never') return { kind: 'dead', reason: error.message };
  return {
    kind: 'retry',
    reason: error.message,
    uncounted: error.uncounted,
    ...(error.retry !== 'soon' && { afterMs: error.retry.afterMs }),
  };
}

/** A delivery that was begun more often than it may be tried has only ever crashed its workers: it is not run again. */
export function answerUnrun({ attempts, max_attempts }: Claimed): Answer | undefined {
  if (attempts <= max_attempts) return undefined;
  return { kind: 'dead', reason: `It was begun ${attempts - 1} times, and no worker came to an end with it.` };
}

export type Backoff = { readonly scale: number; readonly random: number };

export function settlementOf(answer: Answer, delivery: Claimed, { scale, random }: Backoff): Settlement {
  switch (answer.kind) {
    case 'done':
      return { outcome: 'done' };
    case 'wait':
      return { outcome: 'wait', facts: { until: answer.until.toISOString() } };
    case 'dead':
      return { outcome: 'dead', facts: { error: storedError(answer.reason) } };
    case 'retry': {
      const jitterMs = fullJitterMs(delivery.attempts, delivery.backoff_ms * scale, BACKOFF_CAP_MS, random);
      return {
        outcome: 'retry',
        facts: {
          error: storedError(answer.reason),
          delay_ms: Math.max(0, Math.ceil(answer.afterMs ?? jitterMs)),
          counted: !answer.uncounted,
        },
      };
    }
  }
}
