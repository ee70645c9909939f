import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Sql } from 'postgres';
import { messageOf } from '#kernel/errors.ts';
import type { Log } from '#kernel/log.ts';
import { connect } from './postgres.ts';

type Migration = { readonly version: string; readonly name: string; readonly text: string };

const FILE = /^(\d{14})_([\w-]+)\.sql$/;
/** Any number will do, as long as every migrator takes the same one. */
const LOCK = 7_306_001;
const LOCK_POLL_MS = 200;
const LOCK_WAIT_MS = 600_000;

export async function readMigrations(directory: string): Promise<Migration[]> {
  const files = (await readdir(directory)).filter((file) => FILE.test(file)).sort();
  return Promise.all(
    files.map(async (file) => {
      const [, version = '', name = ''] = FILE.exec(file) ?? [];
      return { version, name, text: await readFile(join(directory, file), 'utf8') };
    }),
  );
}

/** The table that `supabase db push` keeps, so that both see the same history. */
async function prepareHistory(sql: Sql) {
  await sql.unsafe(`
    create schema if not exists supabase_migrations;
    create table if not exists supabase_migrations.schema_migrations (
      version text not null primary key, statements text[], name text)`);
}

async function applied(sql: Sql): Promise<Map<string, string>> {
  const rows = await sql<{ version: string; statements: string[] | null }[]>`
    select version, statements from supabase_migrations.schema_migrations`;
  return new Map(rows.map(({ version, statements }) => [version, (statements ?? []).join('\n')]));
}

/** What runs now only waits this long for a table that the bot uses: whoever waits here makes the bot wait too. */
const TABLE_WAIT = '15s';

async function apply(sql: Sql, { version, name, text }: Migration) {
  try {
    await sql.begin(async (transaction) => {
      // For this transaction alone: behind a pooler another client gets this session next.
      await transaction.unsafe(`set local lock_timeout = '${TABLE_WAIT}'; set local statement_timeout = 0`);
      await transaction.unsafe(text);
      await transaction`
        insert into supabase_migrations.schema_migrations (version, name, statements)
        values (${version}, ${name}, ${[text]})`;
    });
  } catch (cause) {
    throw new Error(
      `Migration ${version}_${name} was not applied and nothing of it was kept: ${messageOf(cause)}. Correct the cause and start again.`,
      { cause },
    );
  }
}

/** A history written by `supabase db push` holds the statements without the white space and semicolons between them. */
const comparable = (text: string) => text.replaceAll(/[\s;]+/g, '');

/** A migration is never edited after it was applied; a changed one is told, since the database no longer is what the file says. */
function warnOfChange(migration: Migration, before: string, log: Log) {
  if (comparable(before) === comparable(migration.text)) return;
  log.warn(
    { migration: `${migration.version}_${migration.name}` },
    'A migration was changed after it was applied; the change is not in this database. Write a new migration instead.',
  );
}

/** Asks for the lock instead of waiting in the database, where a statement timeout of the role would end the wait. */
async function takeLock(sql: Sql, log: Log) {
  const deadline = Date.now() + LOCK_WAIT_MS;
  for (let asked = 0; ; asked += 1) {
    const [row] = await sql<{ mine: boolean }[]>`select pg_try_advisory_lock(${LOCK}) as mine`;
    if (row?.mine) return;
    if (Date.now() > deadline)
      throw new Error('Another migrator has been at work for ten minutes. See what it does, then start again.');
    if (asked === 0) log.info('Another migrator is at work; this one waits for it.');
    await setTimeout(LOCK_POLL_MS);
  }
}

async function applyMissing(sql: Sql, migrations: readonly Migration[], log: Log): Promise<string[]> {
  await prepareHistory(sql);
  const history = await applied(sql);
  const now: string[] = [];
  for (const migration of migrations) {
    const before = history.get(migration.version);
    if (before !== undefined) warnOfChange(migration, before, log);
    else {
      await apply(sql, migration);
      now.push(migration.version);
    }
  }
  return now;
}

/**
 * Applies what is missing, in order, each file and its history row in one transaction. `url` logs in as the role that
 * shall own everything: `postgres`, which is no superuser. Two migrators at once wait for each other. Returns the
 * versions that were applied now.
 */
export async function migrate(url: string, directory: string, log: Log): Promise<string[]> {
  const migrations = await readMigrations(directory);
  // One connection, so that the session that holds the lock is the one that migrates.
  const sql = connect(url, { max: 1, applicationName: 'verne migrate' });
  try {
    await takeLock(sql, log);
    try {
      return await applyMissing(sql, migrations, log);
    } finally {
      // A pooler may keep the session when we go. Where the connection broke, the lock went with it.
      await sql`select pg_advisory_unlock(${LOCK})`.catch(() => {});
    }
  } finally {
    await sql.end({ timeout: 5 });
  }
}

export type Survey = {
  /** Whom the connection logs in as. */
  readonly role: string;
  readonly isSuperuser: boolean;
  readonly mayCreate: boolean;
  /** Has the roles that a Supabase project has. */
  readonly isSupabase: boolean;
  /** Who owns what was migrated before. */
  readonly owner: string | null;
  /** `version_name` of each. */
  readonly pending: readonly string[];
  readonly count: number;
  /** Versions that the database has and this release does not: a newer one was here. */
  readonly unknown: readonly string[];
};

type Facts = Pick<Survey, 'role' | 'isSuperuser' | 'mayCreate' | 'isSupabase' | 'owner'> & {
  readonly history: boolean;
};

/** Looks without changing or locking anything. A role that may not read the history is told apart by the other facts. */
export async function surveyMigrations(url: string, directory: string): Promise<Survey> {
  const migrations = await readMigrations(directory);
  const sql = connect(url, { max: 1, applicationName: 'verne migrate' });
  try {
    const [found] = await sql<Facts[]>`
      select current_user as role,
        current_setting('is_superuser') = 'on' as "isSuperuser",
        has_database_privilege(current_database(), 'create') as "mayCreate",
        (select count(*) = 3 from pg_roles where rolname in ('anon', 'authenticated', 'service_role')) as "isSupabase",
        (select pg_get_userbyid(nspowner) from pg_namespace where nspname = 'verne') as owner,
        coalesce((
          select has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where n.nspname = 'supabase_migrations' and c.relname = 'schema_migrations'), false) as history`;
    if (!found) throw new Error('The database answered no row.');
    const { history, ...facts } = found;
    const before = history ? await applied(sql) : new Map<string, string>();
    const known = new Set(migrations.map(({ version }) => version));
    return {
      ...facts,
      count: migrations.length,
      pending: migrations
        .filter(({ version }) => !before.has(version))
        .map(({ version, name }) => `${version}_${name}`),
      unknown: [...before.keys()].filter((version) => !known.has(version)).sort(),
    };
  } finally {
    await sql.end({ timeout: 5 });
  }
}
