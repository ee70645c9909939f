import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
} from 'cockatiel';
import { RemoteFailure } from '#kernel/errors.ts';

/** So many failures in a row are an outage; a single one is not. */
const FAILURES = 5;

/** Other words are ours: a call that was broken off, whose turn did not come, or whose key was not there. */
const NO_ANSWER: ReadonlySet<string | number> = new Set(['network', 'timeout', 408]);

/** A refusal and a limit are answers: whoever gives them is up. */
const isOutage = (error: unknown) =>
  error instanceof RemoteFailure &&
  error.service === 'jules' &&
  (NO_ANSWER.has(error.code) || (typeof error.code === 'number' && error.code >= 500));

export type Breakers = {
  /** Runs a call of one key, unless the last ones of it failed: then it fails at once, for certain without effect. */
  run<Result>(key: string, call: () => Promise<Result>): Promise<Result>;
};

export type BreakerOptions = {
  /** After so long one call is let through again, to see. */
  readonly openMs: number;
  readonly onOpen?: (key: string) => void;
  readonly onClose?: (key: string) => void;
};

/** One circuit breaker for each Jules key: a revoked or broken one must not stop the others. */
export function keyBreakers({ openMs, onOpen, onClose }: BreakerOptions): Breakers {
  const policies = new Map<string, CircuitBreakerPolicy>();
  const policyOf = (key: string) => {
    const known = policies.get(key);
    if (known) return known;
    const breaker = new ConsecutiveBreaker(FAILURES);
    const made = circuitBreaker(handleWhen(isOutage), { halfOpenAfter: openMs, breaker });
    made.onBreak(() => onOpen?.(key));
    made.onReset(() => onClose?.(key));
    policies.set(key, made);
    return made;
  };
  return {
    async run(key, call) {
      const policy = policyOf(key);
      // The library would let it wait for the one that is let through, and then send what may long be out of date.
      if (policy.state === CircuitState.HalfOpen) {
        throw new RemoteFailure(
          'Jules failed again and again with this key, and another call looks whether it is back.',
          {
            service: 'jules',
            code: 'open',
            retry: 'soon',
            uncounted: true,
          },
        );
      }
      try {
        return await policy.execute(call);
      } catch (error) {
        if (!(error instanceof BrokenCircuitError)) throw error;
        throw new RemoteFailure(
          `Jules failed ${FAILURES} times in a row with this key, so it is left alone for ${Math.round(openMs / 1000)} seconds.`,
          { service: 'jules', code: 'open', retry: { afterMs: openMs }, uncounted: true, cause: error },
        );
      }
    },
  };
}
