export const REST_FAULT_KINDS = [
  /** Refused with `status`, nothing done. */
  'error_before',
  /** Done, then answered with `status`. */
  'error_after',
  /** The connection dies, nothing done. */
  'reset_before',
  /** Done, then the connection dies without an answer. */
  'reset_after',
  /** Done; the head and half of the body arrive. */
  'reset_mid_body',
  /** Done at once, answered late. */
  'slow',
  /** Done only after the delay, even when the caller has hung up by then. */
  'late',
  '429',
] as const;

/** Whose limit a 429 speaks of: the bot's on a route, everybody's on a resource, or the bot's everywhere. */
export const LIMIT_SCOPES = ['user', 'shared', 'global'] as const;

export type LimitScope = (typeof LIMIT_SCOPES)[number];

/** A trouble that the next matching requests meet. */
export type RestFault = {
  readonly match: { readonly method?: string | undefined; readonly path?: string | undefined };
  readonly kind: (typeof REST_FAULT_KINDS)[number];
  readonly status: number;
  readonly code: number;
  readonly delayMs: number;
  readonly retryAfterS: number;
  /** Of a 429; without it `user`. */
  readonly scope?: LimitScope;
};

type Armed = { readonly fault: RestFault; readonly left: number };

type MetBy = { readonly method: string; readonly path: string; readonly isInteraction: boolean };

export type Faults = {
  add(fault: RestFault, times: number): void;
  /** The first fault that matches, used up by one. */
  take(request: MetBy): RestFault | undefined;
  armed(): readonly Armed[];
  clear(): void;
};

function matches({ match, kind, scope }: RestFault, { method, path, isInteraction }: MetBy): boolean {
  // Answers to interactions do not count against the global limit.
  if (kind === '429' && scope === 'global' && isInteraction) return false;
  const isMethod = match.method === undefined || match.method.toUpperCase() === method;
  return isMethod && (match.path === undefined || path.includes(match.path));
}

export function createFaults(): Faults {
  let waiting: { readonly fault: RestFault; left: number }[] = [];
  return {
    add: (fault, times) => void waiting.push({ fault, left: times }),
    take(request) {
      const found = waiting.find(({ fault }) => matches(fault, request));
      if (!found) return undefined;
      found.left -= 1;
      waiting = waiting.filter(({ left }) => left > 0);
      return found.fault;
    },
    armed: () => waiting.map(({ fault, left }) => ({ fault, left })),
    clear: () => {
      waiting = [];
    },
  };
}
