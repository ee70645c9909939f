import postgres, { type Sql } from 'postgres';
import type { Rpc } from '#kernel/rpc.ts';
import { givenArguments } from './arguments.ts';
import { databaseFailure } from './failure.ts';

export type ConnectOptions = {
  readonly max: number;
  readonly applicationName: string;
  readonly statementTimeoutMs?: number;
  readonly connectTimeoutS?: number;
};

/** A pool of connections. Nothing is opened before the first query; notices are not logged, since they may quote values. */
export function connect(url: string, options: ConnectOptions): Sql {
  return postgres(url, {
    max: options.max,
    connect_timeout: options.connectTimeoutS ?? 10,
    onnotice: () => {},
    connection: {
      application_name: options.applicationName,
      ...(options.statementTimeoutMs !== undefined && { statement_timeout: options.statementTimeoutMs }),
    },
  });
}

/** Type 0 leaves it to the server to name the type from the function's declaration; postgres.js would guess by the value. */
const SERVER_SAYS = 0;

/** Calls `public` functions on a direct connection, one prepared statement per function and set of arguments. */
export function postgresRpc(sql: Sql): Rpc {
  return async (name, args, options) => {
    const given = givenArguments(name, args);
    options?.signal?.throwIfAborted();
    const named = given.map(([key], index) => `${key} => $${index + 1}`).join(', ');
    const values = given.map(([, value]) => sql.typed(value as string, SERVER_SAYS));
    const statement = `select public.${name}(${named}) as result`;
    const query = sql.unsafe<{ result: unknown }[]>(statement, values, { prepare: true });
    const cancel = () => query.cancel();
    options?.signal?.addEventListener('abort', cancel, { once: true });
    try {
      const [row] = await query;
      return row?.result;
    } catch (error) {
      throw databaseFailure(name, error);
    } finally {
      options?.signal?.removeEventListener('abort', cancel);
    }
  };
}
