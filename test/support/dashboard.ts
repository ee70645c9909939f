import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { anActor } from './actors.ts';
import type { TestDatabase } from './database.ts';
import type { Postgrest } from './postgrest.ts';

/** Somebody who signed in to a dashboard. */
export type Person = { readonly id: string; readonly discordId: string };

let people = 0;

/** A Discord id that no other test of this file has. */
export const aDiscordId = () => `70000000000000${String(1000 + ++people)}`;

/** What the authentication server keeps of somebody who signed in with Discord; `user_metadata` is theirs to edit. */
export async function signUp({ sql }: TestDatabase, discordId = aDiscordId(), metadata: object = {}): Promise<Person> {
  const id = crypto.randomUUID();
  await sql`insert into auth.users (id, email, raw_user_meta_data) values (${id}, ${`${id}@example.org`}, ${sql.json(metadata as never)})`;
  await sql`insert into auth.identities (user_id, provider, provider_id) values (${id}, 'discord', ${discordId})`;
  return { id, discordId };
}

/** A dashboard's client: the anon key, and the token of who is signed in. */
export function clientWith({ url, anonKey }: Pick<Postgrest, 'url' | 'anonKey'>, token: string): SupabaseClient {
  return createClient(url, anonKey, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    global: { headers: { authorization: `Bearer ${token}` } },
  });
}

export const clientOf = async (postgrest: Postgrest, { id }: Pick<Person, 'id'>) =>
  clientWith(postgrest, await postgrest.userToken({ sub: id }));

/** The person uses `/config` in the server: the bot notes whether they hold Manage Server there. */
export async function isSeen({ rpc }: TestDatabase, { discordId }: Person, facts: { guild: string; admin: boolean }) {
  await rpc('read_settings', { actor: anActor({ id: discordId, name: 'seen', ...facts }) });
}

/** As if the bot had seen them that long ago. */
export async function wasSeen({ sql }: TestDatabase, { discordId }: Person, minutesAgo: number) {
  await sql`
    update verne.members set seen_at = verne.now() - ${minutesAgo} * interval '1 minute' where discord_id = ${discordId}`;
}
