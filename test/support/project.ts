import { openEmbeddedDatabase } from '#db/open-embedded.ts';
import { connect } from '#db/postgres.ts';
import { readSettings, urlOf } from '#db/settings.ts';
import { newMasterKey } from '#guilds/keyring.ts';
import { makeLog } from '#kernel/log.ts';
import { startPostgrest } from './postgrest.ts';
import { databaseHome, dataFolder } from './sandbox-data.ts';

type AtEnd = (end: () => Promise<unknown>) => void;

/** A database with real PostgREST before it, and what a bot is told of a Supabase project. Ends are to run last to first. */
export async function startProject(atEnd: AtEnd) {
  const { folder, remove } = await dataFolder();
  atEnd(remove);
  const log = makeLog({ level: 'silent', secrets: [] });
  const database = await openEmbeddedDatabase({ dataDir: folder, throwaway: false, log });
  atEnd(() => database.close());
  const sql = connect(database.adminUrl, { max: 2, applicationName: 'verne test' });
  atEnd(() => sql.end({ timeout: 5 }));
  const authenticatorUrl = urlOf(await readSettings(databaseHome(folder)), 'authenticator', 'postgres');
  const postgrest = await startPostgrest({ authenticatorUrl, sql });
  atEnd(() => postgrest.stop());
  const env = {
    SUPABASE_URL: postgrest.url,
    SUPABASE_SERVICE_ROLE_KEY: postgrest.serviceKey,
    VERNE_MASTER_KEYS: newMasterKey(),
  };
  return { folder, sql, env };
}
