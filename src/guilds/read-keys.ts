import { z } from 'zod';
import { call, type Rpc } from '#kernel/rpc.ts';

const listedKey = z.object({
  /** Null: of a person. */
  guild_id: z.string().nullable(),
  owner_id: z.string().nullable(),
  last4: z.string(),
  plan: z.string(),
  per_day: z.number(),
  at_once: z.number(),
  role: z.string().nullable(),
  channel: z.string().nullable(),
  added_at: z.coerce.date(),
  used_at: z.coerce.date().nullable(),
  problem: z.string().nullable(),
  /** The version of the master key that opens it. */
  master_key: z.string(),
});
export type ListedKey = z.output<typeof listedKey>;

/** The keys of one server, or of all servers and people: never more of them than the last four. */
export async function readKeys(rpc: Rpc, guild?: string): Promise<ListedKey[]> {
  return call(rpc, z.array(listedKey), 'read_keys', guild === undefined ? {} : { guild_id: guild });
}
