import type { z } from 'zod';

/** What a SQL function takes: text, int, boolean, text[] and jsonb; ids, bigints and instants are text. */
export type RpcArgs = Readonly<Record<string, unknown>>;

type RpcOptions = { readonly signal?: AbortSignal };

/**
 * The one storage port: calls one public SQL function by name and gives back its `jsonb`.
 * Throws `RemoteFailure` where the database failed, a defect where the call was wrong.
 */
export type Rpc = (name: string, args: RpcArgs, options?: RpcOptions) => Promise<unknown>;

/** Calls a SQL function and decodes its answer. */
export async function call<Schema extends z.ZodType>(
  rpc: Rpc,
  schema: Schema,
  name: string,
  args: RpcArgs,
): Promise<z.output<Schema>> {
  return schema.parse(await rpc(name, args));
}

/** Strings that Postgres can hold: NUL removed, lone surrogates replaced, throughout a value. */
export function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '');
  if (Array.isArray(value)) return value.map(storable);
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [storable(key), storable(inner)]));
  }
  return value;
}
