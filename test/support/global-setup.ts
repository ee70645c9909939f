import type { TestProject } from 'vitest/node';
import { startEmbedded } from '#db/embedded.ts';
import { prepareDatabase } from '#db/open-embedded.ts';
import { connect } from '#db/postgres.ts';
import { makeLog } from '#kernel/log.ts';

const TEMPLATE = 'verne_template';

declare module 'vitest' {
  interface ProvidedContext {
    /** Urls of the run's Postgres; the database's name comes behind the last slash. */
    database: { template: string; adminUrl: string; ownerUrl: string; workerUrl: string; authenticatorUrl: string };
  }
}

/** Tests act faster than people: what is about rates sets its own. */
async function liftRates(url: string) {
  const sql = connect(url, { max: 1, applicationName: 'verne test setup' });
  await sql`update verne.rate_limits set per_minute = 1000000, burst = 1000000`;
  await sql.end({ timeout: 5 });
}

/** One throwaway Postgres for the whole run, with one migrated database that test files clone. */
export async function setup(project: TestProject) {
  const log = makeLog({ level: 'warn', secrets: [] });
  const embedded = await startEmbedded({ dataDir: '', throwaway: true, log });
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
  return () => embedded.stop();
}
