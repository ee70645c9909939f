import type { TestProject } from 'vitest/node';
import { startEmbedded } from '#db/embedded.ts';
import { openEmbeddedDatabase, prepareDatabase } from '#db/open-embedded.ts';
import { connect } from '#db/postgres.ts';
import { type Log, makeLog } from '#kernel/log.ts';
import { databaseHome, emptyFolder } from './sandbox-data.ts';

const TEMPLATE = 'verne_template';

declare module 'vitest' {
  interface ProvidedContext {
    /** Urls of the run's Postgres; the database's name comes behind the last slash. */
    /** Where a stopped, migrated Postgres lies, as a sandbox leaves it. */
    sandboxDatabase: string;
    database: { template: string; adminUrl: string; ownerUrl: string; workerUrl: string; authenticatorUrl: string };
  }
}

/** Tests act faster than people: what is about rates sets its own. */
async function liftRates(url: string) {
  const sql = connect(url, { max: 1, applicationName: 'verne test setup' });
  await sql`update verne.rate_limits set per_minute = 1000000, burst = 1000000`;
  await sql.end({ timeout: 5 });
}

/** What every sandbox of the run would have to make for itself. */
async function makeSandboxDatabase(log: Log) {
  const { folder, remove } = await emptyFolder();
  const opened = await openEmbeddedDatabase({ dataDir: folder, throwaway: false, log });
  await opened.close();
  return { home: databaseHome(folder), remove };
}

/** One throwaway Postgres for the whole run, with one migrated database that test files clone. */
export async function setup(project: Pick<TestProject, 'provide'>) {
  const log = makeLog({ level: 'warn', secrets: [] });
  const [sandboxDatabase, embedded] = await Promise.all([
    makeSandboxDatabase(log),
    startEmbedded({ dataDir: '', throwaway: true, log }),
  ]);
  project.provide('sandboxDatabase', sandboxDatabase.home);
  try {
    const admin = connect(embedded.adminUrl(), { max: 1, applicationName: 'verne test setup' });
    await admin.unsafe(`create database ${TEMPLATE}`);
    await admin.end({ timeout: 5 });
    await prepareDatabase(embedded, TEMPLATE, log);
    await liftRates(embedded.adminUrl().replace(/\/[^/]*$/, `/${TEMPLATE}`));
  } catch (error) {
    await embedded.stop();
    throw error;
  }
  project.provide('database', {
    template: TEMPLATE,
    adminUrl: embedded.adminUrl(),
    ownerUrl: embedded.urlFor('postgres'),
    workerUrl: embedded.urlFor('verne_worker'),
    authenticatorUrl: embedded.urlFor('authenticator'),
  });
  return async () => {
    await embedded.stop();
    await sandboxDatabase.remove();
  };
}
