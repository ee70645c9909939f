import { addKey } from '#guilds/add-key.ts';
import { readKeyring } from '#guilds/keyring.ts';
import { makeMetrics } from '#http/metrics.ts';
import { keyCommand } from '../../scripts/key-commands.ts';
import { readWish } from '../../scripts/key-wish.ts';
import { aDoor } from '../discord/setting.ts';
import type { Place } from './canary-world.ts';
import { clientOf, isSeen, type Person, signUp } from './dashboard.ts';
import type { TestDatabase } from './database.ts';
import { here, newSnowflake } from './interaction.ts';
import type { Postgrest } from './postgrest.ts';
import { everyInteraction } from './probes.ts';
import type { Seeded } from './seeded.ts';
import { anAdmin, aRequester, aServer, aTask, MASTER_KEYS } from './tasks.ts';

/** Letters of turning cases that no hexadecimal number has: no five of them in a row are anywhere else. */
export function aListedKey(random: Seeded): string {
  const letters = [...'ghijklmnopqrstuvwxyz'];
  return Array.from({ length: 30 }, (_, at) => {
    const letter = random.pick(letters);
    return at % 2 === 0 ? letter : letter.toUpperCase();
  }).join('');
}

/** What of a key stands in a text beside its last four: any five characters in a row. */
export const piecesIn = (text: string, key: string): string[] =>
  Array.from({ length: key.length - 4 }, (_, at) => key.slice(at, at + 5)).filter((piece) => text.includes(piece));

export type Listed = { readonly admin: Person; readonly guild: string; readonly keys: readonly string[] };

/** A server with an administrator who signed in to the dashboard: keys of the server, of a pool, and two people's own. */
export async function aListedServer(db: TestDatabase, random: Seeded): Promise<Listed> {
  const [guild, admin] = [newSnowflake(), await signUp(db, newSnowflake())];
  const keys = Array.from({ length: 4 }, () => aListedKey(random));
  const [server = '', pool = '', own = '', anothers = ''] = keys;
  const deps = { rpc: db.rpc, keyring: readKeyring(MASTER_KEYS), perDay: 100, atOnce: 15 };
  await aServer(db, { guild });
  await isSeen(db, admin, { guild, admin: true });
  await db.sql`update public.users set id = ${admin.id} where discord_id = ${admin.discordId}`;
  const me = anAdmin({ guild, id: admin.discordId });
  await addKey(deps, me, { owner: 'server', key: server });
  await addKey(deps, me, { owner: 'server', key: pool, pool: { role: '300000000000000009', channel: null } });
  await addKey(deps, me, { owner: 'person', key: own });
  await addKey(deps, aRequester({ guild, id: newSnowflake() }), { owner: 'person', key: anothers });
  await aTask(db, aRequester({ guild }));
  return { admin, guild, keys };
}

/** Everything that the dashboard's address answers to who administers a server, whatever is asked. */
async function byDashboard(db: TestDatabase, postgrest: Postgrest, { admin, guild }: Listed): Promise<Place[]> {
  const supabase = await clientOf(postgrest, admin);
  const functions = await db.sql<{ name: string }[]>`
    select distinct proname as name from pg_proc where pronamespace = 'public'::regnamespace order by 1`;
  const asked = [
    ...['users', 'guilds', 'tasks'].map((table) => [`table ${table}`, supabase.from(table).select('*')] as const),
    ...['keys', 'accounts', 'audit'].map(
      (table) => [`hidden ${table}`, supabase.schema('verne').from(table).select()] as const,
    ),
    ...functions.flatMap(({ name }) =>
      [{}, { guild_id: guild }, { actor: anAdmin({ guild, id: admin.discordId }) }].map(
        (args) => [`function ${name}`, supabase.rpc(name, args)] as const,
      ),
    ),
  ];
  return Promise.all(
    asked.map(async ([what, asking]): Promise<Place> => {
      const { data, error } = await asking;
      return [`dashboard: ${what}`, JSON.stringify({ data, error })];
    }),
  );
}

/** All commands, panels, dialogs and buttons, as their administrator sees them. */
async function byDiscord(db: TestDatabase, { admin, guild }: Listed): Promise<Place[]> {
  here.guild = guild;
  const { lines, say } = aDoor(db.rpc, { keyring: readKeyring(MASTER_KEYS) });
  const places: Place[] = [];
  const person = { id: admin.discordId, permissions: 1n << 5n };
  // What presses a button that revokes a key would leave nothing to be listed.
  const all = everyInteraction(person, {}).filter((one) => !/key-revoke|key-add/.test(JSON.stringify(one.data)));
  for (const payload of all)
    places.push([`Discord: ${JSON.stringify(payload.data).slice(0, 60)}`, JSON.stringify(await say(payload))]);
  return [...places, ['the log', JSON.stringify(lines)]];
}

async function byFunctions({ rpc }: TestDatabase, { admin, guild }: Listed): Promise<Place[]> {
  const actor = anAdmin({ guild, id: admin.discordId });
  const calls = [
    ['read_settings', { actor }],
    ['can_i', { actor }],
    ['read_keys', {}],
    ['read_keys', { guild_id: guild }],
    ['read_audit', { guild_id: guild }],
    ['read_health', {}],
    ['read_event_stats', {}],
    ['read_subscriptions', {}],
  ] as const;
  return Promise.all(calls.map(async ([name, args]): Promise<Place> => [name, JSON.stringify(await rpc(name, args))]));
}

async function byShell({ rpc }: TestDatabase, { guild }: Listed): Promise<Place[]> {
  const deps = {
    rpc,
    keyring: async () => readKeyring(MASTER_KEYS),
    readKey: async () => '',
    limits: { perDay: 100, atOnce: 15 },
  };
  const list = async (args: readonly string[]) => (await keyCommand(deps, readWish(['list', ...args]))).text;
  return [
    ['keys list', await list([])],
    ['keys list --guild', await list(['--guild', guild])],
  ];
}

async function byMetrics({ rpc }: TestDatabase): Promise<Place> {
  const metrics = makeMetrics({ readStats: async () => (await rpc('read_event_stats', {})) as never });
  return ['the metrics', (await metrics.render()).text];
}

/** Whatever lists keys, or could: each surface with what it says to an administrator or an operator. */
export async function listings(db: TestDatabase, postgrest: Postgrest, server: Listed): Promise<Place[]> {
  return [
    ...(await byDashboard(db, postgrest, server)),
    ...(await byDiscord(db, server)),
    ...(await byFunctions(db, server)),
    ...(await byShell(db, server)),
    await byMetrics(db),
  ];
}
