import { join } from 'node:path';
import type { ProvidedContext } from 'vitest';
import { migrate } from '#db/migrate.ts';
import { bootstrap } from '#db/open-embedded.ts';
import { connect } from '#db/postgres.ts';
import { makeLog } from '#kernel/log.ts';
import { setup } from '../test/support/global-setup.ts';
import { type Mutant, migrationOf } from './mutant.ts';

/** What tests are told of their database. */
export type Provided = Partial<ProvidedContext>;

/** One Postgres for all trials: to start one takes longer than most of them. */
export type Server = {
  readonly provided: Provided;
  /** Runs something with a database that is made of the migrations in `folder`, where what is broken is SQL. */
  withMutant<Result>(mutant: Mutant, folder: string, run: (provided: Provided) => Promise<Result>): Promise<Result>;
  stop(): Promise<void>;
};

const log = makeLog({ level: 'error', secrets: [] });
const within = (url: string, name: string) => url.replace(/\/[^/]*$/, `/${name}`);

async function asAdmin(url: string, work: (sql: ReturnType<typeof connect>) => Promise<unknown>) {
  const sql = connect(url, { max: 1, applicationName: 'verne mutants' });
  try {
    await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

const isSql = ({ file }: Mutant) => file.startsWith('supabase/');

export async function startServer(): Promise<Server> {
  const provided: Provided = {};
  const stop = await setup({ provide: (key, value) => void Object.assign(provided, { [key]: value }) });
  const { database } = provided;
  if (!database) throw new TypeError('The setup of the tests provides no database.');
  let made = 0;

  /** A function is replaced in a copy of what is migrated; what makes tables runs again, from the first on. */
  async function make(name: string, mutant: Mutant, folder: string) {
    const template = migrationOf(mutant) ? `template ${database?.template}` : '';
    await asAdmin(database?.adminUrl ?? '', (sql) => sql.unsafe(`create database ${name} ${template} owner postgres`));
    if (!template) await asAdmin(within(database?.adminUrl ?? '', name), bootstrap);
    await migrate(within(database?.ownerUrl ?? '', name), join(folder, 'supabase/migrations'), log);
  }

  return {
    provided,
    withMutant: async (mutant, folder, run) => {
      if (!isSql(mutant)) return run(provided);
      const name = `verne_mutant_${++made}`;
      try {
        await make(name, mutant, folder);
        return await run({ ...provided, database: { ...database, template: name } });
      } finally {
        await asAdmin(database.adminUrl, (sql) => sql.unsafe(`drop database if exists ${name} with (force)`));
      }
    },
    stop,
  };
}
