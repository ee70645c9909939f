import { randomUUID } from 'node:crypto';
import type { Sql } from 'postgres';
import { inject } from 'vitest';
import { connect, postgresRpc } from '#db/postgres.ts';
import type { Rpc } from '#kernel/rpc.ts';

export type TestDatabase = {
  /** Calls functions as the bot does, logged in as `verne_worker`. */
  readonly rpc: Rpc;
  /** A superuser's connection to this database, for looking and for arranging. */
  readonly sql: Sql;
  readonly name: string;
  readonly workerUrl: string;
  readonly adminUrl: string;
  /** Logs in as `postgres`, who owns everything and is no superuser. */
  readonly ownerUrl: string;
  /** Logs in as `authenticator`, as PostgREST does. */
  readonly authenticatorUrl: string;
  close(): Promise<void>;
};

/** The same server and role, another database. */
const within = (url: string, name: string) => url.replace(/\/[^/]*$/, `/${name}`);

async function asAdmin(statement: string) {
  const admin = connect(inject('database').adminUrl, { max: 1, applicationName: 'verne test' });
  try {
    await admin.unsafe(statement);
  } finally {
    await admin.end({ timeout: 5 });
  }
}

/** A database of one's own, migrated like the run's template unless another is named. Close it in `afterAll` or `afterEach`. */
export async function freshDatabase(template = inject('database').template): Promise<TestDatabase> {
  const urls = inject('database');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await asAdmin(`create database ${name} template ${template} owner postgres`);
  const workerUrl = within(urls.workerUrl, name);
  const adminUrl = within(urls.adminUrl, name);
  const sql = connect(adminUrl, { max: 4, applicationName: 'verne test' });
  const worker = connect(workerUrl, { max: 10, applicationName: 'verne test worker' });
  return {
    rpc: postgresRpc(worker),
    sql,
    name,
    workerUrl,
    adminUrl,
    ownerUrl: within(urls.ownerUrl, name),
    authenticatorUrl: within(urls.authenticatorUrl, name),
    close: async () => {
      await Promise.all([sql.end({ timeout: 5 }), worker.end({ timeout: 5 })]);
      await asAdmin(`drop database if exists ${name} with (force)`);
    },
  };
}
