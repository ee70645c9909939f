import { afterAll, beforeAll, expect, test } from 'vitest';
import { bootstrap } from '#db/open-embedded.ts';
import { connect } from '#db/postgres.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());

test('the roles can what a hosted project lets them', async () => {
  const rows = await db.sql`
    select rolname as name, rolsuper as superuser, rolcanlogin as login, rolbypassrls as bypasses, rolinherit as inherits
    from pg_roles where rolname in ('postgres', 'anon', 'authenticated', 'service_role', 'authenticator') order by 1`;
  expect(rows.map((row) => Object.values(row))).toEqual([
    ['anon', false, false, false, false],
    ['authenticated', false, false, false, false],
    ['authenticator', false, true, false, false],
    ['postgres', false, true, true, true],
    ['service_role', false, false, true, false],
  ]);
});

test('a function of public that forgets to revoke is open to anon on a bare project, as on hosted', async () => {
  const bare = `${db.name}_bare`;
  await db.sql.unsafe(`create database ${bare}`);
  const sql = connect(db.adminUrl.replace(db.name, bare), { max: 1, applicationName: 'verne test' });
  try {
    await bootstrap(sql);
    await bootstrap(sql);
    await sql`set session authorization postgres`;
    await sql`create function public.open_door() returns int language sql as 'select 1'`;
    await sql`revoke all on function public.open_door from public`;
    const [open] = await sql`
      select has_function_privilege('anon', 'public.open_door()', 'execute') as anon,
        has_function_privilege('authenticated', 'public.open_door()', 'execute') as authenticated`;
    expect(open).toEqual({ anon: true, authenticated: true });
  } finally {
    await sql.end({ timeout: 5 });
    await db.sql.unsafe(`drop database ${bare} with (force)`);
  }
});

test('the auth functions read the claims of a request', async () => {
  const id = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
  const claims = JSON.stringify({ sub: id, role: 'authenticated', email: 'a@example.org' });
  const [row] = await db.sql.begin(async (sql) => {
    await sql`select set_config('request.jwt.claims', ${claims}, true)`;
    return sql`select auth.uid() as uid, auth.role() as role, auth.jwt() ->> 'email' as email`;
  });
  expect(row).toEqual({ uid: id, role: 'authenticated', email: 'a@example.org' });
  expect(await db.sql`select auth.uid() as uid, auth.role() as role`).toEqual([{ uid: null, role: null }]);
});

test('no function of ours is open to anon or authenticated unless it says so', async () => {
  const open = await db.sql`
    select p.oid::regprocedure::text as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'public' and (has_function_privilege('anon', p.oid, 'execute'))`;
  expect(open.map(({ name }) => name)).toEqual([]);
});
