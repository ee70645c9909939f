import { afterEach, expect, test } from 'vitest';
import { openEmbeddedDatabase } from '#db/open-embedded.ts';
import { connect } from '#db/postgres.ts';
import { readSettings, urlOf } from '#db/settings.ts';
import { newMasterKey } from '#guilds/keyring.ts';
import { makeLog } from '#kernel/log.ts';
import { startPostgrest } from '../support/postgrest.ts';
import { startSandbox } from '../support/sandbox.ts';
import { databaseHome, dataFolder, defectsOf } from '../support/sandbox-data.ts';
import { ask, confirm, untilTold } from '../support/story.ts';

/** The main story where only the Data API is given. On direct connections it is told by the flows of either door. */
const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** A database with real PostgREST before it, and what a bot is told of a Supabase project. */
async function startProject() {
  const { folder, remove } = await dataFolder();
  endings.push(remove);
  const log = makeLog({ level: 'silent', secrets: [] });
  const database = await openEmbeddedDatabase({ dataDir: folder, throwaway: false, log });
  endings.push(() => database.close());
  const sql = connect(database.adminUrl, { max: 2, applicationName: 'verne test' });
  endings.push(() => sql.end({ timeout: 5 }));
  const authenticatorUrl = urlOf(await readSettings(databaseHome(folder)), 'authenticator', 'postgres');
  const postgrest = await startPostgrest({ authenticatorUrl, sql });
  endings.push(() => postgrest.stop());
  const env = {
    SUPABASE_URL: postgrest.url,
    SUPABASE_SERVICE_ROLE_KEY: postgrest.serviceKey,
    VERNE_MASTER_KEYS: newMasterKey(),
  };
  return { folder, sql, env };
}

test.for(['gateway', 'http'] as const)(
  'through real PostgREST the story is told to its end, once, at the %s door',
  { timeout: 60_000 },
  async (door) => {
    const { folder, sql, env } = await startProject();
    const sandbox = await startSandbox({ door, database: 'env', data: folder, env });
    endings.push(() => sandbox.stop());
    const story = { prompt: 'Add a health check' };
    await ask(sandbox, story);
    await confirm(sandbox, story);
    await untilTold(sandbox, story);

    const [{ env: seen } = { env: {} }] = await sandbox.processes();
    expect(Object.keys(seen)).toContain('SUPABASE_URL');
    const others = await sql<{ name: string }[]>`
      select distinct application_name as name from pg_stat_activity
      where datname = current_database() and application_name ~ '^verne' and application_name <> 'verne test'`;
    expect(others).toEqual([]);
    expect(await defectsOf(folder)).toEqual([]);
  },
);
