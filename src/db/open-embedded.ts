import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Sql } from 'postgres';
import { type Embedded, type EmbeddedWish, startEmbedded } from './embedded.ts';
import { migrate } from './migrate.ts';
import type { Outage } from './outage.ts';
import { connect } from './postgres.ts';

const supabase = (name: string) => fileURLToPath(new URL(`../../supabase/${name}`, import.meta.url));

export const MIGRATIONS = supabase('migrations');

/** Roles that log in: the owner of everything, the bot, and the one that PostgREST uses. */
const LOGINS = ['postgres', 'verne_worker', 'authenticator'];

/** Stands in for what a hosted project owns; it is done once per database, whole or not at all. */
export async function bootstrap(sql: Sql) {
  const [found] = await sql<{ done: boolean }[]>`select to_regclass('auth.identities') is not null as done`;
  if (found?.done) return;
  const text = await readFile(supabase('bootstrap.sql'), 'utf8');
  await sql.begin((transaction) => transaction.unsafe(text));
}

/** A role keeps its password in the cluster; a migration makes `verne_worker` without one. */
async function setPasswords(sql: Sql, embedded: Embedded) {
  const roles = await sql<{ rolname: string }[]>`select rolname from pg_roles where rolname = any (${LOGINS})`;
  for (const { rolname } of roles) {
    await sql.unsafe(`alter role ${rolname} password '${embedded.passwordFor(rolname)}'`);
  }
}

/** Bootstraps where new, then migrates as `postgres`, then lets the bot's role log in. */
export async function prepareDatabase(embedded: Embedded, database: string, log: EmbeddedWish['log']) {
  const sql = connect(embedded.adminUrl(database), { max: 1, applicationName: 'verne prepare' });
  try {
    await bootstrap(sql);
    await setPasswords(sql, embedded);
    const applied = await migrate(embedded.urlFor('postgres', database), MIGRATIONS, log);
    await setPasswords(sql, embedded);
    log.info({ database, applied }, 'The database is ready.');
  } finally {
    await sql.end({ timeout: 5 });
  }
}

export type EmbeddedDatabase = {
  /** Logs in as `verne_worker`, who may call functions and nothing else. */
  readonly workerUrl: string;
  readonly adminUrl: string;
  /** The folder that is really used; the master key is kept in it. */
  readonly dataDir: string;
  readonly outage: Outage;
  close(): Promise<void>;
};

/** Everything from nothing to a database that the bot can use. */
export async function openEmbeddedDatabase(wish: EmbeddedWish): Promise<EmbeddedDatabase> {
  const embedded = await startEmbedded(wish);
  try {
    await embedded.exclusively(() => prepareDatabase(embedded, 'postgres', wish.log));
  } catch (error) {
    await embedded.stop();
    throw error;
  }
  return {
    workerUrl: embedded.urlFor('verne_worker'),
    adminUrl: embedded.adminUrl(),
    dataDir: embedded.dataDir,
    outage: embedded.outage,
    close: () => embedded.stop(),
  };
}
