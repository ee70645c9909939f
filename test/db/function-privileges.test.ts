import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '#db/postgres.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());

/** Who may execute what, of those that a dashboard or a stranger has. */
const EXECUTABLE = `select distinct n.nspname || '.' || p.proname as name, r.rolname as who
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace, pg_roles r
  where r.rolname in ('anon', 'authenticated', 'authenticator') and has_function_privilege(r.oid, p.oid, 'execute')`;

test('of the functions of verne a dashboard executes what its rows ask, and nobody else any', async () => {
  const rows = await db.sql.unsafe(`${EXECUTABLE} and n.nspname = 'verne' order by 1`);
  expect(rows.map(({ name, who }) => `${who} ${name}`)).toEqual([
    'authenticated verne.my_discord_ids',
    'authenticated verne.my_guilds',
    'authenticated verne.now',
  ]);
  const [open] = await db.sql`select count(*)::int as n from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
    where n.nspname in ('verne', 'public') and a.grantee = 0`;
  expect(open).toEqual({ n: 0 });
});

test('what the owner of the migrations makes later is not for everybody either, in whatever schema', async () => {
  const owner = connect(db.ownerUrl, { max: 1, applicationName: 'verne test privileges' });
  try {
    for (const name of ['verne.probe', 'public.probe']) {
      await owner.unsafe(`create function ${name}() returns int language sql as 'select 1'`);
    }
    const rows = await owner.unsafe(`${EXECUTABLE} and p.proname = 'probe'`);
    expect(rows).toHaveLength(0);
  } finally {
    await owner.unsafe('drop function if exists verne.probe(), public.probe()');
    await owner.end({ timeout: 5 });
  }
});
