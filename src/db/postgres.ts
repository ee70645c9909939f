import postgres, { type Sql } from 'postgres';
import type { Rpc } from '#kernel/rpc.ts';
import { givenArguments } from './arguments.ts';
import { databaseFailure } from './failure.ts';

export type ConnectOptions = {
  readonly max: number;
  readonly applicationName: string;
  readonly statementTimeoutMs?: number;
  readonly connectTimeoutS?: number;
  /** A connection that was not used this long is closed. */
  readonly idleTimeoutS?: number;
  /** It leads to a pooler, which need not take every word that Postgres takes at the start of a connection. */
  readonly pooled?: boolean;
};

/**
 * postgres.js 3.4.9 gathers small writes for one tick, and where a connection breaks in that tick it never writes again:
 * every further attempt of that place in the pool hangs until it times out. What is longer than a kilobyte it writes at
 * once, and is mended by that, so the first message of each connection is made so long, by options that set nothing.
 */
const LONG_START = { options: ' '.repeat(1024) };

const RECONNECT_CAP_S = 0.5;

/** postgres.js would wait up to twenty seconds, with all of a pool, after a database was away for a few. */
const reconnectAfterS = (failures: number) =>
  Math.min(RECONNECT_CAP_S, 2 ** failures / 100) * (0.5 + Math.random() / 2);

/** A pool of connections. Nothing is opened before the first query; notices are not logged, since they may quote values. */
export function connect(url: string, options: ConnectOptions): Sql {
  return postgres(url, {
    max: options.max,
    connect_timeout: options.connectTimeoutS ?? 10,
    backoff: reconnectAfterS,
    ...(options.idleTimeoutS !== undefined && { idle_timeout: options.idleTimeoutS }),
    onnotice: () => {},
    connection: {
      ...(!options.pooled && LONG_START),
      application_name: options.applicationName,
      ...(options.statementTimeoutMs !== undefined && { statement_timeout: options.statementTimeoutMs }),
    },
  });
}

/** Type 0 leaves it to the server to name the type from the function's declaration; postgres.js would guess by the value. */
const SERVER_SAYS = 0;

export type CallOptions = {
  /** False behind a pooler that hands each transaction to another connection, where a prepared statement is lost. */
  readonly prepare?: boolean;
  /** Cancels a call that takes longer, where the connection cannot be told `statement_timeout`. */
  readonly timeoutMs?: number | undefined;
  /** Gives up a call of which nothing was heard for so long: on a line that died in silence neither of the others is. */
  readonly silentMs?: number | undefined;
};

function signalOf(given: AbortSignal | undefined, timeoutMs: number | undefined): AbortSignal | undefined {
  if (timeoutMs === undefined) return given;
  const overdue = AbortSignal.timeout(timeoutMs);
  return given ? AbortSignal.any([given, overdue]) : overdue;
}

/**
 * `query.cancel()`, but for the promise that postgres.js makes for it and drops: it breaks where the database takes no new
 * connection, and as nobody's would end the process.
 */
async function cancelQuietly(query: object) {
  const cancel: unknown = Reflect.get(query, 'canceller');
  if (typeof cancel !== 'function') return;
  try {
    await cancel(query);
  } catch {
    // The call ends by itself, or is given up as silent.
  }
}

/** The answer, if it comes in time; one that comes later, or an error, is nobody's. */
async function unlessSilent<Answer>(query: PromiseLike<Answer>, silentMs: number | undefined): Promise<Answer> {
  if (silentMs === undefined) return query;
  const silence = Promise.withResolvers<never>();
  const giveUp = () => silence.reject(new DOMException('The line is silent.', 'TimeoutError'));
  const timer = setTimeout(giveUp, silentMs);
  try {
    return await Promise.race([query, silence.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Calls `public` functions on a direct connection, one prepared statement per function and set of arguments. */
export function postgresRpc(sql: Sql, { prepare = true, timeoutMs, silentMs }: CallOptions = {}): Rpc {
  return async (name, args, options) => {
    const given = givenArguments(name, args);
    options?.signal?.throwIfAborted();
    const named = given.map(([key], index) => `${key} => $${index + 1}`).join(', ');
    const values = given.map(([, value]) => sql.typed(value as string, SERVER_SAYS));
    const statement = `select public.${name}(${named}) as result`;
    const query = sql.unsafe<{ result: unknown }[]>(statement, values, { prepare });
    const cancel = () => void cancelQuietly(query);
    const signal = signalOf(options?.signal, timeoutMs);
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      const [row] = await unlessSilent(query, silentMs);
      return row?.result;
    } catch (error) {
      throw databaseFailure(name, error);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  };
}
