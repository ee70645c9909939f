import type { TransactionSql } from 'postgres';
import { actorOf } from '#discord/actor-of.ts';
import { readSettings } from '#guilds/settings.ts';
import { TASK_STATUSES } from '#tasks/task.ts';
import { isSeen, signUp } from './dashboard.ts';
import type { TestDatabase } from './database.ts';
import type { Seeded } from './seeded.ts';
import { anAdmin, aServer, aTask } from './tasks.ts';
import { APP_ROLES, outcomeAs } from './writers.ts';

/** Writers beside the bot's functions, and what they can and cannot do. */

const OWNERS = ['postgres', 'supabase_admin'] as const;

/** Every step of a task's status by every role: the owner's only as the transitions say, everybody else's never. */
export async function illegalMoves(db: TestDatabase): Promise<{ tried: number; wrong: string[] }> {
  await aServer(db);
  const { id } = await aTask(db);
  const ways = await db.sql`select from_state || ' ' || to_state as way from verne.transitions where noun = 'task'`;
  const listed = new Set(ways.map(({ way }) => String(way)));
  const wrong: string[] = [];
  let tried = 0;
  const all = TASK_STATUSES.flatMap((from) => TASK_STATUSES.map((to) => [from, to] as const));
  for (const [from, to] of all) {
    await db.sql`alter table public.tasks disable trigger guard_task`;
    await db.sql`
      update public.tasks set status = ${from}, decided_by = 'x', decided_at = now(), ended_by = 'x', last_error = 'x' where id = ${id}`;
    await db.sql`alter table public.tasks enable trigger guard_task`;
    for (const role of [...OWNERS, ...APP_ROLES]) {
      tried += 1;
      const code = await outcomeAs(db, role, (tx) => tx`update public.tasks set status = ${to} where id = ${id}`);
      const isOwner = OWNERS.some((owner) => owner === role);
      const ownersMay = from === to || listed.has(`${from} ${to}`) ? 'done' : 'VN001';
      const wanted = isOwner ? ownersMay : '42501';
      if (code !== wanted) wrong.push(`${role}: ${from} to ${to}: ${code}`);
    }
  }
  return { tried, wrong };
}

const SERVER = '980000000000000001';
const roleId = (n: number) => String(300_000_000_000_000_000n + BigInt(n));

type Seen = { readonly revision: number; readonly permissions: { create_roles: string[]; confirm_roles: string[] } };

/**
 * A dashboard reads the row, the bot may change another part of it meanwhile, the dashboard writes all it read back with
 * one more role, if the revision is still the one it saw. A change that was acknowledged must be there at the end.
 */
export async function editInTurn(db: TestDatabase, random: Seeded, rounds: number) {
  await aServer(db, { guild: SERVER });
  const person = await signUp(db);
  await isSeen(db, person, { guild: SERVER, admin: true });
  const claims = JSON.stringify({ sub: person.id, role: 'authenticated' });
  const asDashboard = <T>(run: (tx: TransactionSql) => Promise<T>) =>
    db.sql.begin(async (tx) => {
      await tx`select set_config('request.jwt.claims', ${claims}, true), set_config('role', 'authenticated', true)`;
      return run(tx);
    }) as Promise<T>;
  const read = async () => {
    const [row] = await asDashboard(
      (tx) => tx<Seen[]>`select revision, permissions from public.guilds where guild_id = ${SERVER}`,
    );
    if (!row) throw new Error('the dashboard sees no row');
    return row;
  };
  const lost: string[] = [];
  let [told, conflicts] = [0, 0];
  for (let n = 0; n < rounds; n += 1) {
    const seen = await read();
    const [mine, bots] = [roleId(2 * n), roleId(2 * n + 1)];
    const botWrites = random.below(2) === 0;
    const write = () =>
      asDashboard(
        (tx) => tx`
          update public.guilds set permissions = ${tx.json({ ...seen.permissions, create_roles: [mine] })}
          where guild_id = ${SERVER} and revision = ${seen.revision} returning revision`,
      );
    const botWrite = () =>
      db.rpc('change_settings', { actor: anAdmin({ guild: SERVER }), changes: { confirm_roles: [bots] } });
    // Half of the rivals come before the write, so that it is late for certain; the others at the same moment.
    if (botWrites && random.below(2) === 0) await botWrite();
    const [written] = await Promise.all([write(), botWrites ? botWrite() : undefined]);
    const after = await read();
    const isTold = written.length === 1;
    if (isTold) told += 1;
    else conflicts += 1;
    if (isTold !== after.permissions.create_roles.includes(mine)) lost.push(`round ${n}: the dashboard's`);
    if (botWrites && !after.permissions.confirm_roles.includes(bots)) lost.push(`round ${n}: the bot's`);
    if (!botWrites && !isTold) lost.push(`round ${n}: refused without a rival`);
  }
  return { told, conflicts, lost };
}

/** What a person who is signed in may call; nobody else anything. Policies and defaults of tables call the rest. */
const LISTED: Readonly<Record<string, readonly string[]>> = {
  'public.read_membership': ['authenticated'],
  'verne.now': ['authenticated'],
  'verne.my_discord_ids': ['authenticated'],
  'verne.my_guilds': ['authenticated'],
};

/** Functions that run as their owner and could be called or led astray by others than is listed. */
export async function unlistedDefiners({ sql }: TestDatabase): Promise<string[]> {
  const found = await sql<{ name: string; path: string | null; callers: string[] }[]>`
    select format('%s.%s', n.nspname, p.proname) as name,
      (select c from unnest(p.proconfig) c where c like 'search_path=%') as path,
      array(select r.rolname::text from pg_roles r where r.rolname in ('anon', 'authenticated', 'authenticator')
        and has_function_privilege(r.oid, p.oid, 'execute') and p.prorettype <> 'trigger'::regtype order by 1) as callers
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where p.prosecdef and n.nspname not in ('pg_catalog', 'information_schema')`;
  if (found.length < 40) throw new Error('the catalogue shows too few functions to be true');
  return found.flatMap(({ name, path, callers }) => [
    ...(path === 'search_path=""' ? [] : [`${name}: ${path}`]),
    ...callers.filter((role) => !LISTED[name]?.includes(role)).map((role) => `${name}: called by ${role}`),
  ]);
}

const SNOWFLAKES = { from: 2n ** 53n, to: 2n ** 63n };
const AT_ONCE = 100;

function anId({ next }: Seeded): string {
  const span = SNOWFLAKES.to - SNOWFLAKES.from;
  const high = BigInt(Math.floor(next() * 2 ** 32));
  const low = BigInt(Math.floor(next() * 2 ** 31));
  return (SNOWFLAKES.from + (((high << 31n) | low) % span)).toString();
}

/** Ids that are not the same after the way through a signed payload, an actor, SQL, jsonb, and out of the settings again. */
export async function idsThroughJson(db: TestDatabase, random: Seeded, count: number): Promise<string[]> {
  const changed: string[] = [];
  for (let done = 0; done < count; done += AT_ONCE) {
    const ids = Array.from({ length: AT_ONCE }, () => anId(random));
    const [guild = '', id = '', channel = ''] = ids;
    const member = { user: { id, username: 'somebody' }, roles: ids, permissions: '32' };
    const place = {
      guild_id: guild,
      channel: { id: channel },
      channel_id: channel,
      authorizing_integration_owners: { 0: guild },
    };
    const payload = JSON.parse(JSON.stringify({ id: ids[3], member, ...place }));
    const actor = actorOf(payload, { door: 'gateway', command: '/config', correlation: crypto.randomUUID() });
    await db.rpc('change_settings', { actor, changes: { approver_people: ids, create_roles: ids } });
    const settings = await readSettings(db.rpc, actor);
    const [row] = await db.sql<{ text: string }[]>`
      select to_jsonb(a)::text as text from verne.audit_log a where guild_id = ${guild} and actor_id = ${id} and channel_id = ${channel} limit 1`;
    const back = JSON.stringify(settings);
    for (const one of ids) if (!back.includes(`"${one}"`)) changed.push(one);
    for (const one of [guild, id, channel]) if (!row?.text.includes(`"${one}"`)) changed.push(`${one} in the audit`);
  }
  return changed;
}
