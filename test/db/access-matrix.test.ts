import type { TransactionSql } from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aDiscordId, isSeen, type Person, signUp, wasSeen } from '../support/dashboard.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { aRequester, aServer, aTask } from '../support/tasks.ts';

const SERVER = '910000000000000001';
const NEW_SERVER = '910000000000000002';
const ANOTHER_SERVER = '910000000000000003';

const VERBS = ['select', 'insert', 'update', 'delete'] as const;
type Verb = (typeof VERBS)[number];
const ROWS = ['own user', 'another user', 'any user', 'server', 'any server', 'task', 'own task'] as const;
type Row = (typeof ROWS)[number];

/**
 * Who may do what, one letter for each of select, insert, update and delete: `+` works, `0` finds nothing, `-` is
 * refused. "Any" rows are written without saying which.
 */
const MATRIX = {
  anon: ['----', '----', '----', '----', '----', '----', '----'],
  'an admin': ['+++-', '0-0-', '+-+-', '+++-', '+-+-', '+---', '+---'],
  'an admin seen 20 minutes ago': ['+++-', '0-0-', '+-+-', '+---', '+---', '+---', '+---'],
  'an admin seen 70 minutes ago': ['+++-', '0-0-', '+-+-', '0-0-', '0-0-', '0---', '+---'],
  'an admin no more': ['+++-', '0-0-', '+-+-', '0-0-', '0-0-', '0---', '+---'],
  'an admin of another server': ['+++-', '0-0-', '+-+-', '0-0-', '+-+-', '0---', '+---'],
  'an admin without a proven account': ['+---', '0-0-', '+---', '0-0-', '0-0-', '0---', '0---'],
} as const satisfies Record<string, readonly string[]>;
type Who = keyof typeof MATRIX;
const EVERYBODY = Object.keys(MATRIX) as Who[];

let db: TestDatabase;
let stranger: Person;
const people = new Map<Who, Person>();
const tasks = new Map<Who, string>();
let foreignTask: string;

beforeAll(async () => {
  db = await freshDatabase();
  await aServer(db, { guild: SERVER });
  stranger = await signUp(db);
  await isSeen(db, stranger, { guild: ANOTHER_SERVER, admin: true });
  await db.sql`update public.users set id = ${stranger.id} where discord_id = ${stranger.discordId}`;
  foreignTask = (await aTask(db, aRequester({ guild: SERVER }))).id;
  for (const who of EVERYBODY) await arrange(who);
  await db.sql`
    insert into verne.members (guild_id, discord_id, is_admin, seen_at)
    select ${NEW_SERVER}, discord_id, is_admin, seen_at from verne.members where guild_id = ${SERVER}`;
});
afterAll(() => db?.close());

async function arrange(who: Who) {
  const person =
    who === 'an admin without a proven account'
      ? await withoutIdentity()
      : await signUp(db, aDiscordId(), { provider_id: stranger.discordId, role: 'admin' });
  people.set(who, person);
  tasks.set(who, (await aTask(db, aRequester({ guild: SERVER, id: person.discordId }))).id);
  const isOther = who === 'an admin of another server';
  await isSeen(db, person, { guild: isOther ? ANOTHER_SERVER : SERVER, admin: true });
  if (who === 'an admin no more') await isSeen(db, person, { guild: SERVER, admin: false });
  const minutes = /seen (\d+)/.exec(who)?.[1];
  if (minutes) await wasSeen(db, person, Number(minutes));
}

/** Signed in by another way, with metadata that claims a Discord account. */
async function withoutIdentity(): Promise<Person> {
  const [id, discordId] = [crypto.randomUUID(), aDiscordId()];
  const claims = { provider: 'discord', provider_id: discordId, sub: discordId };
  await db.sql`insert into auth.users (id, raw_user_meta_data) values (${id}, ${db.sql.json(claims)})`;
  return { id, discordId };
}

function personOf(who: Who): Person {
  const person = people.get(who);
  if (!person) throw new Error(`${who} was not arranged`);
  return person;
}

/** The row of who is signed in, as after their sign-in; for their first sign-in there is none. */
async function prepare(tx: TransactionSql, who: Who, isFirst: boolean) {
  const { id, discordId } = personOf(who);
  await tx`update public.users set discord_id = null where discord_id = ${discordId}`;
  if (isFirst) return;
  const proven = who === 'an admin without a proven account' ? null : discordId;
  await tx`insert into public.users (id, discord_id) values (${id}, ${proven})`;
}

type Statements = Readonly<Record<Verb, (tx: TransactionSql) => Promise<{ readonly count: number }>>>;

function usersStatements({ id }: Person, fresh: Person): Statements {
  return {
    select: (tx) => tx`select from public.users where id = ${id}`,
    insert: (tx) => tx`insert into public.users (id, discord_id) values (${fresh.id}, ${fresh.discordId})`,
    update: (tx) => tx`update public.users set email = 'new@example.org' where id = ${id}`,
    delete: (tx) => tx`delete from public.users where id = ${id}`,
  };
}

function taskStatements(id: string): Statements {
  return {
    select: (tx) => tx`select from public.tasks where id = ${id}`,
    insert: (tx) => tx`insert into public.tasks (discord_user_id, prompt) values ('100000000000000001', 'x')`,
    update: (tx) => tx`update public.tasks set prompt = 'another' where id = ${id}`,
    delete: (tx) => tx`delete from public.tasks where id = ${id}`,
  };
}

function statementsOf(row: Row, who: Who): Statements {
  const me = personOf(who);
  const somebody = { id: crypto.randomUUID(), discordId: aDiscordId() };
  const addServer = (guild: string, installer: string) => (tx: TransactionSql) =>
    tx`insert into public.guilds (guild_id, installer_user_id) values (${guild}, ${installer})`;
  switch (row) {
    case 'own user':
      return usersStatements(me, me);
    case 'another user':
      return usersStatements(stranger, { ...me, id: somebody.id });
    case 'any user':
      return {
        select: (tx) => tx`select from public.users`,
        insert: usersStatements(me, { ...somebody, id: me.id }).insert,
        update: (tx) => tx`update public.users set email = 'new@example.org'`,
        delete: (tx) => tx`delete from public.users`,
      };
    case 'server':
      return {
        select: (tx) => tx`select from public.guilds where guild_id = ${SERVER}`,
        insert: addServer(NEW_SERVER, me.id),
        update: (tx) => tx`update public.guilds set default_branch = 'next' where guild_id = ${SERVER}`,
        delete: (tx) => tx`delete from public.guilds where guild_id = ${SERVER}`,
      };
    case 'any server':
      return {
        select: (tx) => tx`select from public.guilds`,
        insert: addServer(NEW_SERVER, stranger.id),
        update: (tx) => tx`update public.guilds set default_branch = 'next'`,
        delete: (tx) => tx`delete from public.guilds`,
      };
    case 'task':
      return taskStatements(foreignTask);
    case 'own task':
      return taskStatements(tasks.get(who) ?? '');
  }
}

type Case = { readonly who: Who; readonly row: Row; readonly verb: Verb };
const UNDO = Symbol('undo');

/** Does it as PostgREST would, on a database changed by `mutate`, and takes everything back. */
async function outcomeOf({ who, row, verb }: Case, mutate: (tx: TransactionSql) => Promise<unknown>): Promise<string> {
  let outcome = '';
  await db.sql
    .begin(async (tx) => {
      await mutate(tx);
      await prepare(tx, who, row === 'own user' && verb === 'insert');
      const role = who === 'anon' ? 'anon' : 'authenticated';
      const claims = JSON.stringify({ role, ...(role === 'authenticated' && { sub: personOf(who).id }) });
      await tx`select set_config('request.jwt.claims', ${claims}, true), set_config('role', ${role}, true)`;
      const { count } = await statementsOf(row, who)[verb](tx);
      outcome = count === 0 ? '0' : '+';
      throw UNDO;
    })
    .catch((reason: unknown) => {
      if (reason === UNDO) return;
      const code = String((reason as { code?: unknown }).code);
      outcome = code === '42501' ? '-' : code;
    });
  return outcome;
}

const nothing = () => Promise.resolve();
/** Guards and keys between tables set aside: what is left is what grants and policies refuse. */
const withoutTriggers = (tx: TransactionSql) => tx`set local session_replication_role = replica`;

async function matrixUnder(mutate: (tx: TransactionSql) => Promise<unknown>) {
  const found: Record<string, string[]> = {};
  for (const who of EVERYBODY) {
    found[who] = [];
    for (const row of ROWS) {
      let cell = '';
      for (const verb of VERBS) cell += await outcomeOf({ who, row, verb }, mutate);
      found[who].push(cell);
    }
  }
  return found;
}

/** The rows of a table, by the last word of what they are called here. */
const NOUNS: Readonly<Record<string, string>> = { users: 'user', guilds: 'server', tasks: 'task' };

/** The first cell of a table that is not as declared. */
async function firstChange(table: string, mutate: (tx: TransactionSql) => Promise<unknown>) {
  const noun = NOUNS[table] ?? table;
  for (const who of EVERYBODY) {
    for (const [column, row] of ROWS.entries()) {
      if (!row.endsWith(noun)) continue;
      for (const [at, verb] of VERBS.entries()) {
        const outcome = await outcomeOf({ who, row, verb }, mutate);
        if (outcome !== MATRIX[who][column]?.[at]) return `${who}: ${verb} ${row}: ${outcome}`;
      }
    }
  }
  return undefined;
}

test('everybody may do exactly what is declared, and no table of the contract is left out', async () => {
  expect(await matrixUnder(nothing)).toEqual(MATRIX);
  const tables =
    await db.sql`select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`;
  expect(tables.map(({ relname }) => relname).sort()).toEqual(['guilds', 'tasks', 'users']);
});

test('the policies alone hold the same, without the guards that say why', async () => {
  expect(await matrixUnder(withoutTriggers)).toEqual(MATRIX);
});

test('without any one policy, or with any one opened, something above is no longer so', async () => {
  const policies = await db.sql<{ name: string; table: string; using: boolean; check: boolean }[]>`
    select quote_ident(polname) as name, polrelid::regclass::text as table,
      polqual is not null as using, polwithcheck is not null as check from pg_policy`;
  expect(policies).toHaveLength(7);
  const mutations = policies.flatMap(({ name, table, using, check }) =>
    [
      `drop policy ${name} on ${table}`,
      ...(using ? [`alter policy ${name} on ${table} using (true)`] : []),
      ...(check ? [`alter policy ${name} on ${table} with check (true)`] : []),
    ].map((mutation) => ({ table, mutation })),
  );
  const survivors: string[] = [];
  for (const { table, mutation } of mutations) {
    const change = await firstChange(table, async (tx) => {
      await tx.unsafe(mutation);
      await withoutTriggers(tx);
    });
    if (change === undefined) survivors.push(mutation);
  }
  expect(survivors).toEqual([]);
}, 60_000);

test('only the columns that are named may be written, and nothing of the inner schema is reached', async () => {
  const columns = await db.sql<{ name: string; verb: string }[]>`
    select format('%s.%s', c.table_name, c.column_name) as name, lower(privilege_type) as verb
    from information_schema.column_privileges c
    where c.grantee in ('anon', 'authenticated', 'service_role', 'PUBLIC') and c.table_schema in ('public', 'verne')
      and privilege_type <> 'SELECT'`;
  const may = (verb: string) =>
    columns
      .filter((column) => column.verb === verb)
      .map(({ name }) => name)
      .sort();
  const written = [
    ...['approver_notice', 'approver_people', 'default_branch', 'default_jules_api_key', 'default_repo'],
    ...['guild_id', 'installer_user_id', 'name', 'permissions'],
  ].map((name) => `guilds.${name}`);
  const own = ['discord_id', 'discord_username', 'email', 'id', 'jules_api_key'].map((name) => `users.${name}`);
  expect(may('insert')).toEqual([...written, ...own]);
  expect(may('update')).toEqual([...written, ...own]);
  const [inner] = await db.sql`
    select bool_or(has_schema_privilege(rolname, 'verne', 'usage')) as reached
    from pg_roles where rolname in ('anon', 'authenticated', 'service_role')`;
  expect(inner?.reached).toBe(false);
});

test('what a person administers is asked a few times for a statement, not for each row', async () => {
  const { id } = personOf('an admin');
  const calls = await db.sql
    .begin(async (tx) => {
      await tx`
        insert into public.tasks (discord_user_id, guild_id, number, prompt, status, request_key, channel_id, repo, repo_from, branch,
          key_id, account_id, key_owner, key_last4)
        select discord_user_id, guild_id, 1000 + n, prompt, status, 'many-' || n, channel_id, repo, repo_from, branch,
          key_id, account_id, key_owner, key_last4
        from public.tasks, generate_series(1, 200) n where id = ${foreignTask}`;
      await tx`set local track_functions = 'all'`;
      await tx`select set_config('request.jwt.claims', ${JSON.stringify({ sub: id })}, true), set_config('role', 'authenticated', true)`;
      const { count } = await tx`select from public.tasks`;
      await tx`reset role`;
      const [found] = await tx`
        select sum(pg_stat_get_xact_function_calls(oid))::int as calls from pg_proc where proname in ('my_guilds', 'my_discord_ids')`;
      expect(count).toBeGreaterThan(200);
      throw Object.assign(new Error('take it back'), { calls: found?.calls });
    })
    .catch((reason: { calls?: number }) => reason.calls ?? Promise.reject(reason));
  expect(calls).toBeGreaterThan(0);
  expect(calls).toBeLessThan(10);
});
