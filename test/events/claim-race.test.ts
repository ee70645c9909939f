import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { runtimeOf } from './support.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());

/** A claim looks at the clock before it locks anything: there it can be held, after its snapshot and before its locks. */
const GATE = 4711;
const gateTheClock = () =>
  db.sql.unsafe(`create or replace function verne.now() returns timestamptz language plpgsql volatile set search_path = '' as
    $$ begin
      perform pg_advisory_lock_shared(${GATE});
      perform pg_advisory_unlock_shared(${GATE});
      return clock_timestamp() + (select shift from verne.clock);
    end $$`);
const waiting = () => db.sql`select from pg_locks where locktype = 'advisory' and objid = ${GATE} and not granted`;

test.for(['latest', 'in_order'] as const)(
  'a fact that folds into a %s lane while it is being claimed is seen by that claim',
  async (mode) => {
    const { subscribe, publish, claim } = runtimeOf(db);
    await subscribe(`race.${mode}`, [`${mode}.*`], mode);
    const first = await publish(`${mode}.one`, `race:${mode}`);
    await gateTheClock();
    const gate = await db.sql.reserve();
    await gate`select pg_advisory_lock(${GATE})`;
    const claiming = claim(`race.${mode}`);
    await expect.poll(waiting).toHaveLength(1);
    const [second] = await db.sql<{ id: string }[]>`
      with told as (insert into verne.events (topic, key, at) values (${`${mode}.two`}, ${`race:${mode}`}, now())
        returning id)
      update verne.deliveries d set event_id = told.id from told
      where d.subscriber = ${`race.${mode}`} returning told.id::text`;
    await gate`select pg_advisory_unlock(${GATE})`;
    gate.release();
    const [claimed] = await claiming;
    expect(claimed?.newest).toBe(second?.id);
    expect(claimed?.event.id).toBe(mode === 'latest' ? second?.id : first);
  },
);
