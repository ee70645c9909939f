import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sql } from 'postgres';
import { openEmbeddedDatabase } from '#db/open-embedded.ts';
import { connect, postgresRpc } from '#db/postgres.ts';
import type { Actor } from '#kernel/actor.ts';
import { makeLog } from '#kernel/log.ts';
import type { Rpc } from '#kernel/rpc.ts';
import { CREATE_ROLE, SERVERS } from './signed.ts';

const CONFIRM_ROLE = '1300000000000000012';
const REPO = 'octo-org/website';

export type World = {
  readonly databaseUrl: string;
  readonly folder: string;
  readonly versions: string;
  countTasks(): Promise<number>;
  stop(): Promise<void>;
};

const adminOf = (guild: string): Actor => ({
  id: '1300000000000000021',
  name: 'admin',
  guild,
  guild_name: 'a server',
  channel: null,
  parent_channel: null,
  roles: [],
  admin: true,
  door: 'http',
  command: 'bench',
  correlation: crypto.randomUUID(),
});

/** A server as an administrator leaves it: roles, a default repository, a Jules key whose repositories were just listed. */
async function furnish(rpc: Rpc, guild: string): Promise<void> {
  const actor = adminOf(guild);
  const id = crypto.randomUUID();
  const changes = { create_roles: [CREATE_ROLE], confirm_roles: [CONFIRM_ROLE], default_repo: REPO };
  await rpc('change_settings', { actor, changes });
  const limits = { per_day: 100, at_once: 15 };
  const key = { id, sealed: 'x', wrapped: 'x', kek_version: '1', last4: '1a2b', fingerprint: id, ...limits };
  await rpc('store_key', { actor, owner: 'server', sealed: key });
  const source = { name: `sources/github/${REPO}`, repo: REPO, default_branch: 'main', branches: ['main'] };
  await rpc('record_sources', { key_id: id, sources: [source] });
}

async function versionsOf(sql: Sql): Promise<string> {
  const [row] = await sql<{ version: string; fsync: string; commit: string }[]>`
    select current_setting('server_version') as version, current_setting('fsync') as fsync,
      current_setting('synchronous_commit') as commit`;
  return `PostgreSQL ${row?.version} (fsync ${row?.fsync}, synchronous_commit ${row?.commit})`;
}

/** A database that keeps what it is told: one of the throwaway kind would not write to the disk before it answers. */
export async function openWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'verne-bench-'));
  // As root, Postgres runs as another user, who must be able to pass.
  await chmod(folder, 0o711);
  const log = makeLog({ level: 'warn', secrets: [] });
  const database = await openEmbeddedDatabase({ dataDir: join(folder, 'data'), throwaway: false, log });
  const sql = connect(database.adminUrl, { max: 1, applicationName: 'verne bench' });
  const worker = connect(database.workerUrl, { max: 1, applicationName: 'verne bench' });
  const rpc = postgresRpc(worker);
  for (const guild of SERVERS) await furnish(rpc, guild);
  await worker.end({ timeout: 5 });
  return {
    databaseUrl: database.workerUrl,
    folder,
    versions: await versionsOf(sql),
    countTasks: async () => {
      const [row] = await sql<{ tasks: number }[]>`select count(*)::int as tasks from public.tasks`;
      return row?.tasks ?? 0;
    },
    stop: async () => {
      await sql.end({ timeout: 5 });
      await database.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
