/**
 * A trouble that the next matching requests meet. `error_before` refuses, `error_after` and `reset_after` do the work
 * first and then answer an error or cut the connection; `slow` does the work at once and answers late; `late` does the
 * work only after the delay, even when the caller has hung up by then.
 */
export type RestFault = {
  readonly match: { readonly method?: string | undefined; readonly path?: string | undefined };
  readonly kind: 'error_before' | 'error_after' | 'reset_after' | 'slow' | 'late' | '429';
  readonly status: number;
  readonly code: number;
  readonly delayMs: number;
  readonly retryAfterS: number;
};

export type Faults = {
  add(fault: RestFault, times: number): void;
  /** The first fault that matches, used up by one. */
  take(method: string, path: string): RestFault | undefined;
  clear(): void;
};

export function createFaults(): Faults {
  let waiting: { readonly fault: RestFault; left: number }[] = [];
  const matches = ({ match }: RestFault, method: string, path: string) =>
    (match.method === undefined || match.method.toUpperCase() === method) &&
    (match.path === undefined || path.includes(match.path));
  return {
    add: (fault, times) => void waiting.push({ fault, left: times }),
    take(method, path) {
      const found = waiting.find(({ fault }) => matches(fault, method, path));
      if (!found) return undefined;
      found.left -= 1;
      waiting = waiting.filter(({ left }) => left > 0);
      return found.fault;
    },
    clear: () => {
      waiting = [];
    },
  };
}
