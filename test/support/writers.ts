import type { TransactionSql } from 'postgres';
import { connect } from '#db/postgres.ts';
import type { TestDatabase } from './database.ts';

/** Who may connect to the database, or be who PostgREST speaks for. */
export const APP_ROLES = ['verne_worker', 'anon', 'authenticated', 'service_role', 'authenticator'] as const;

const UNDO = Symbol('undo');

/** Runs statements as a role in a transaction that is taken back. The SQLSTATE of what was refused, or `done`. */
export async function outcomeAs(db: TestDatabase, role: string, run: (tx: TransactionSql) => Promise<unknown>) {
  let outcome = '';
  await db.sql
    .begin(async (tx) => {
      await tx.unsafe(`set local role ${role}`);
      await run(tx);
      outcome = 'done';
      throw UNDO;
    })
    .catch((reason: unknown) => {
      if (reason !== UNDO) outcome = String((reason as { code?: unknown }).code);
    });
  return outcome;
}

const ATTACKS = [
  "update verne.audit set outcome = 'allowed'",
  "update verne.audit set outcome = 'allowed' where false",
  'delete from verne.audit',
  'truncate verne.audit',
  'truncate verne.audit cascade',
  `insert into verne.audit select * from verne.audit limit 1`,
  `merge into verne.audit a using (select 1) one on true when matched then delete`,
  'select from verne.audit for update',
  'alter table verne.audit disable trigger all',
  'alter table verne.audit drop column hash',
  'alter table verne.audit rename to gone',
  'drop table verne.audit',
  'drop trigger keep_audit on verne.audit',
  'create or replace function verne.keep_audit() returns trigger language plpgsql as $$ begin return null; end $$',
  'create rule forget as on insert to verne.audit do instead nothing',
  "update verne.people set discord_id = '100000000000000099'",
  'delete from verne.people',
  `select verne.append_audit('{}', 'task.create', 'allowed')`,
  'set local session_replication_role = replica',
];

/** The owner has every privilege; what holds there are the triggers. */
const HELD_BY_TRIGGERS = [
  "update verne.audit set outcome = 'allowed'",
  'delete from verne.audit',
  'truncate verne.audit cascade',
  `merge into verne.audit a using (select 1) one on true when matched then delete`,
];

/** What was not refused, of everything that a role of the application, the owner or a superuser tries with the audit. */
export async function attacksOnAudit(db: TestDatabase): Promise<string[]> {
  const through: string[] = [];
  for (const role of APP_ROLES) {
    for (const attack of ATTACKS) {
      const code = await outcomeAs(db, role, (tx) => tx.unsafe(attack));
      if (code !== '42501') through.push(`${role}: ${attack}: ${code}`);
    }
  }
  for (const role of ['postgres', 'supabase_admin']) {
    for (const attack of HELD_BY_TRIGGERS) {
      const code = await outcomeAs(db, role, (tx) => tx.unsafe(attack));
      if (code !== 'VN002') through.push(`${role}: ${attack}: ${code}`);
    }
  }
  const replica = await outcomeAs(db, 'supabase_admin', (tx) =>
    tx.unsafe('set local session_replication_role = replica; delete from verne.audit'),
  );
  if (replica !== 'VN002') through.push(`a superuser in a replica's session: ${replica}`);
  const worker = connect(db.workerUrl, { max: 1, applicationName: 'verne test' });
  const code = await worker.unsafe('delete from verne.audit').then(
    () => 'done',
    (reason: { code?: unknown }) => String(reason.code),
  );
  if (code !== '42501') through.push(`verne_worker, logged in: ${code}`);
  await worker.end({ timeout: 5 });
  return through;
}
