import { createClient } from '@supabase/supabase-js';
import type { Rpc } from '#kernel/rpc.ts';
import { givenArguments } from './arguments.ts';
import { NoResult, supabaseFailure } from './supabase-failure.ts';

export type SupabaseOptions = {
  /** The project's address, as in `SUPABASE_URL`. */
  readonly url: string;
  /** A service_role or secret key: no other may call Verne's functions. */
  readonly key: string;
  /** A call is given up after this time. */
  readonly timeoutMs: number;
  readonly fetch?: typeof fetch;
};

/**
 * Only a 200 with a body is a function's result. The client would take a 404 without a body for an empty result, one
 * with a list for an empty list, and would drop the status and the cause of everything else.
 */
function strictly(send: typeof fetch): typeof fetch {
  return async (input, init) => {
    const answer = await send(input, init);
    const body = await answer.text();
    if (answer.status === 200 && body !== '') return new Response(body, { headers: answer.headers });
    throw new NoResult({ status: answer.status, body, retryAfter: answer.headers.get('retry-after') });
  };
}

/** Calls `public` functions through Supabase's Data API. Nothing is repeated here: the caller's durable row decides that. */
export function supabaseRpc({ url, key, timeoutMs, fetch: send = fetch }: SupabaseOptions): Rpc {
  const client = createClient(url, key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    db: { retry: false },
    global: { fetch: strictly(send) },
  });
  return async (name, args, options) => {
    const given = Object.fromEntries(givenArguments(name, args));
    options?.signal?.throwIfAborted();
    const overdue = AbortSignal.timeout(timeoutMs);
    const signal = options?.signal ? AbortSignal.any([options.signal, overdue]) : overdue;
    try {
      const { data } = await client.rpc(name, given).abortSignal(signal).throwOnError();
      return data;
    } catch (error) {
      const isGivenUp = signal.aborted && !(error instanceof NoResult);
      throw supabaseFailure(name, isGivenUp ? givenUp(overdue) : error);
    }
  };
}

/** The reason of an aborted signal may be any error, so what was given up is known by the signal alone. */
const givenUp = (overdue: AbortSignal) =>
  new DOMException('The call was given up.', overdue.aborted ? 'TimeoutError' : 'AbortError');
