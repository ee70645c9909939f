import { AsyncLocalStorage } from 'node:async_hooks';
import { REST } from '@discordjs/rest';
import type { CallFacts } from '#kernel/watch.ts';
import { type CallKind, failureOf, type Progress, TooLate } from './failure.ts';

export type Sending = {
  readonly signal?: AbortSignal | undefined;
  /** On the monotonic clock of `performance.now()`: when the socket is not open by then, nothing is sent. */
  readonly sendBefore?: number | undefined;
  /** So long it may stand in line where a limit is reached; a longer wait is a failure that says how long. */
  readonly patienceMs?: number | undefined;
};

export type Caller = {
  readonly rest: REST;
  /** Runs one call of the REST library; every failure comes out as a RemoteFailure. */
  call<Result>(kind: CallKind, sending: Sending, ask: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
  close(): void;
};

export type CallerOptions = {
  readonly token: string;
  /** Without a version: the library appends `/v10`. */
  readonly apiBase: string;
  readonly timeoutMs: number;
  readonly monotonic?: () => number;
  readonly onCall?: (facts: CallFacts) => void;
};

/** A wait for a rate limit that is longer than this goes back to the durable row. */
const MAX_WAIT_MS = 1500;
const NO_BODY = new Set([204, 304]);

type Request = NonNullable<ConstructorParameters<typeof REST>[0]>['makeRequest'];

/**
 * The library's own timeout ends with the headers, and its requests may have waited in its queues. So the socket is
 * opened here: not later than the caller allows, with the whole answer inside one timeout.
 */
function opener(running: AsyncLocalStorage<Progress & Sending>, options: CallerOptions): NonNullable<Request> {
  const monotonic = options.monotonic ?? (() => performance.now());
  return async (url, init) => {
    const mine = running.getStore();
    if (mine?.sendBefore !== undefined && monotonic() > mine.sendBefore) throw new TooLate();
    if (mine) mine.isOpened = true;
    const timeout = AbortSignal.timeout(options.timeoutMs);
    const answer = await fetch(url, {
      method: init.method ?? 'GET',
      headers: init.headers as Record<string, string>,
      body: typeof init.body === 'string' ? init.body : null,
      redirect: 'error',
      signal: init.signal ? AbortSignal.any([init.signal, timeout]) : timeout,
    });
    const body = await answer.arrayBuffer();
    const { status, statusText, headers } = answer;
    return new Response(NO_BODY.has(status) ? null : body, { status, statusText, headers });
  };
}

export function makeCaller(options: CallerOptions): Caller {
  const running = new AsyncLocalStorage<Progress & Sending>();
  const rest = new REST({
    api: options.apiBase.replace(/\/$/, ''),
    retries: 0,
    timeout: options.timeoutMs + 1000,
    rejectOnRateLimit: ({ timeToReset, retryAfter, sublimitTimeout }) =>
      Math.max(timeToReset, retryAfter, sublimitTimeout) > (running.getStore()?.patienceMs ?? MAX_WAIT_MS),
    makeRequest: opener(running, options),
  }).setToken(options.token);
  return {
    rest,
    call: async (kind, sending, ask) => {
      const signal = sending.signal ?? new AbortController().signal;
      const progress = { ...sending, isOpened: false };
      const startedAt = performance.now();
      const ended = (code: CallFacts['code']) =>
        options.onCall?.({ to: kind.to, code, tookMs: performance.now() - startedAt });
      try {
        signal.throwIfAborted();
        const result = await running.run(progress, () => ask(signal));
        ended('ok');
        return result;
      } catch (error) {
        const failure = failureOf(kind, { error, progress, isAbandoned: signal.aborted });
        ended(failure.code);
        throw failure;
      }
    },
    close: () => {
      rest.clearHashSweeper();
      rest.clearHandlerSweeper();
    },
  };
}
