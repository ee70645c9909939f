import { randomBytes, randomUUID } from 'node:crypto';
import { type Keyring, readKeyring, type SealedKey, seal } from '#guilds/keyring.ts';
import { Secret } from '#kernel/secret.ts';
import type { TestDatabase } from './database.ts';

/** Master keys by version, the newest first. */
export const aRing = (...versions: readonly string[]): Keyring => readKeyring(ringText(...versions));
const masters = new Map<string, string>();
export function ringText(...versions: readonly string[]): string {
  return versions
    .map((version) => {
      const master = masters.get(version) ?? randomBytes(32).toString('base64');
      masters.set(version, master);
      return `${version}:${master}`;
    })
    .join(',');
}

export const plainOf = (id: string) => `plain-key-of-${id}`;

const snowflake = (from: bigint, at: number) => String(from + BigInt(at));

/** A key of a server (even numbers) or of a person, sealed. */
export function aSealedKey(ring: Keyring, at: number): SealedKey {
  const id = randomUUID();
  const guild_id = at % 2 === 0 ? snowflake(900_000_000_000_000_000n, at) : null;
  const owner_id = at % 2 === 0 ? null : snowflake(100_000_000_000_000_000n, at);
  return { id, guild_id, owner_id, ...seal(ring, new Secret(plainOf(id)), { id, guild: guild_id, owner: owner_id }) };
}

/** Stores so many sealed keys, past the functions that people use. */
export async function storeKeys({ sql }: TestDatabase, ring: Keyring, count: number): Promise<SealedKey[]> {
  const keys = Array.from({ length: count }, (_, at) => aSealedKey(ring, at));
  const text = JSON.stringify(keys);
  await sql`insert into verne.accounts (id, fingerprint, per_day, at_once)
    select (k ->> 'id')::uuid, k ->> 'id', 100, 15 from jsonb_array_elements(${text}::text::jsonb) k`;
  await sql`insert into verne.keys (id, account_id, guild_id, owner_id, sealed, wrapped, kek_version, last4, added_by)
    select (k ->> 'id')::uuid, (k ->> 'id')::uuid, k ->> 'guild_id', k ->> 'owner_id', k ->> 'sealed', k ->> 'wrapped', k ->> 'kek_version',
      right(k ->> 'id', 4), coalesce(k ->> 'owner_id', '100000000000000001') from jsonb_array_elements(${text}::text::jsonb) k`;
  return keys;
}
