import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sql } from 'postgres';
import { messageOf } from '#kernel/errors.ts';
import type { Log } from '#kernel/log.ts';
import { connect } from './postgres.ts';

type Migration = { readonly version: string; readonly name: string; readonly text: string };

const FILE = /^(\d{14})_([\w-]+)\.sql$/;
/** Any number will do, as long as every migrator takes the same one. */
const LOCK = 7_306_001;

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

async function apply(sql: Sql, { version, name, text }: Migration) {
  try {
    await sql.begin(async (transaction) => {
      await transaction.unsafe(text);
      await transaction`
        insert into supabase_migrations.schema_migrations (version, name, statements)
        values (${version}, ${name}, ${[text]})`;
    });
  } catch (cause) {
    throw new Error(
      `Migration ${version}_${name} was not applied and nothing of it was kept: ${messageOf(cause)}. Correct the file and start again.`,
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

/**
 * Applies what is missing, in order, each file and its history row in one transaction. `url` logs in as the role that
 * shall own everything: `postgres`, which is no superuser. Two migrators at once wait for each other. Returns the
 * versions that were applied now.
 */
export async function migrate(url: string, directory: string, log: Log): Promise<string[]> {
  const migrations = await readMigrations(directory);
  // One connection, so that the session that holds the lock is the one that migrates; ending it frees the lock.
  const sql = connect(url, { max: 1, applicationName: 'verne migrate' });
  try {
    await sql`select pg_advisory_lock(${LOCK})`;
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
  } finally {
    await sql.end({ timeout: 5 });
  }
}
