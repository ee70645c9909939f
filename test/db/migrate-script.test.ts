import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readMigrations } from '#db/migrate.ts';
import { bootstrap, MIGRATIONS } from '#db/open-embedded.ts';
import { connect } from '#db/postgres.ts';
import { messageOf } from '#kernel/errors.ts';
import { connectionProblem, ownerUrl } from '../../scripts/owner-url.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/migrate.ts', import.meta.url));

/** One as the tests have it, and one that holds nothing but what a hosted project brings along. */
let db: TestDatabase;
let bare: { ownerUrl: string; adminUrl: string; drop(): Promise<void> };
beforeAll(async () => {
  db = await freshDatabase();
  const name = `${db.name}_bare`;
  const within = (url: string) => url.replace(/\/[^/]*$/, `/${name}`);
  await db.sql.unsafe(`create database ${name}`);
  const admin = connect(within(db.adminUrl), { max: 1, applicationName: 'verne test' });
  await bootstrap(admin);
  await admin.end({ timeout: 5 });
  bare = {
    ownerUrl: within(db.ownerUrl),
    adminUrl: within(db.adminUrl),
    drop: async () => void (await db.sql.unsafe(`drop database if exists ${name} with (force)`)),
  };
});
afterAll(async () => {
  await bare.drop();
  await db.close();
});

type Run = { code: number | null; out: string; err: string };

async function run(env: Record<string, string>, args: readonly string[] = [], input = ''): Promise<Run> {
  const child = spawn(process.execPath, [SCRIPT, ...args], { env: { PATH: process.env['PATH'] ?? '', ...env } });
  child.stdin.end(input);
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { code, out, err };
}

const onBare = (...args: string[]) => run({ DATABASE_URL: bare.ownerUrl }, args);

test('--check lists what is missing, changes nothing and exits with 1; two at once apply it once; then nothing is missing', async () => {
  const versions = (await readMigrations(MIGRATIONS)).map(({ version }) => version);
  const before = await onBare('--check');
  expect(before).toMatchObject({
    code: 1,
    out: expect.stringContaining(`Missing, ${versions.length} of ${versions.length}`),
  });
  for (const version of versions) expect(before.out).toContain(`${version}_`);

  const sql = connect(bare.adminUrl, { max: 1, applicationName: 'verne test' });
  try {
    expect(await sql`select nspname from pg_namespace where nspname in ('verne', 'supabase_migrations')`).toEqual([]);
    const both = await Promise.all([onBare(), onBare()]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.map(({ out }) => out.split('\n')[1]).sort()).toEqual([
      `Applied ${versions.length}: ${versions.join(', ')}`,
      `Nothing is missing: all ${versions.length} migrations are there.`,
    ]);
    expect(await sql`select version from supabase_migrations.schema_migrations order by 1`).toEqual(
      versions.map((version) => ({ version })),
    );
    expect(await onBare('--check')).toMatchObject({ code: 0, out: expect.stringContaining('Nothing is missing') });

    // As `supabase db push` of a newer release would leave it.
    await sql`insert into supabase_migrations.schema_migrations (version) values ('99990101000001')`;
    expect((await onBare()).out).toMatch(/Nothing is missing.*\n.*99990101000001, which this release does not know/);
  } finally {
    await sql.end({ timeout: 5 });
  }
});

test('the password of verne_worker is set from standard input, as a verifier, and opens the door', async () => {
  // The one it has: the role belongs to the whole cluster, where other tests are logging in.
  const { password } = new URL(db.workerUrl);
  const verifier = () => db.sql`select rolpassword from pg_authid where rolname = 'verne_worker'`;
  const before = await verifier();
  const set = await run({ DATABASE_URL: db.ownerUrl }, ['--worker-password'], `${decodeURIComponent(password)}\n`);
  expect(set).toMatchObject({
    code: 0,
    err: '',
    out: expect.stringMatching(/postgres(ql)?:\/\/verne_worker:PASSWORD@/),
  });
  expect(set.out).not.toContain(password);
  expect(await verifier()).not.toEqual(before);
  const worker = connect(db.workerUrl, { max: 1, applicationName: 'verne test' });
  try {
    expect(await worker`select current_user as role`).toEqual([{ role: 'verne_worker' }]);
  } finally {
    await worker.end({ timeout: 5 });
  }
  const short = await run({ DATABASE_URL: db.ownerUrl }, ['--worker-password'], 'short');
  expect(short).toMatchObject({ code: 2, err: expect.stringContaining('16 to 200') });
});

const of = (url: string, change: (url: URL) => void) => {
  const changed = new URL(url);
  change(changed);
  return changed.href;
};
const SECRET = 'never-to-be-said';

test.for<[string, Record<string, string>, RegExp]>([
  ['nothing at all', {}, /are empty, so there is no database to migrate/],
  ['only SUPABASE_URL', { SUPABASE_URL: 'https://x.supabase.co' }, /keys cannot change tables.*supabase link.*db push/],
  [
    'a placeholder',
    { DATABASE_URL: 'postgresql://postgres:[YOUR-PASSWORD]@h:5432/postgres' },
    /put the database password there/,
  ],
  ['a bare # in the password', { DATABASE_URL: `postgresql://postgres:${SECRET}#1@h:5432/postgres` }, /%23/],
  ['another scheme', { DATABASE_URL: `https://u:${SECRET}@x.supabase.co` }, /not of the form postgresql/],
  [
    'a transaction pooler',
    { DATABASE_URL: `postgresql://postgres.x:${SECRET}@h:6543/postgres` },
    /transaction pooler.*lock.*5432/,
  ],
])('an address is refused with a sentence and without its password: %s', ([, env, sentence]) => {
  let said = '';
  try {
    ownerUrl(env);
  } catch (error) {
    said = messageOf(error);
  }
  expect(said).toMatch(sentence);
  expect(said).not.toContain(SECRET);
});

test.for<[string, (urls: TestDatabase) => Record<string, string>, number, RegExp]>([
  [
    'a transaction pooler',
    () => ({ DATABASE_URL: `postgresql://postgres:${SECRET}@h:6543/postgres` }),
    2,
    /^DATABASE_URL goes through/,
  ],
  [
    'a wrong password',
    ({ ownerUrl: url }) => ({
      DATABASE_URL: of(url, (to) => {
        to.password = SECRET;
      }),
    }),
    3,
    /refuses the login of postgres at 127\.0\.0\.1/,
  ],
  [
    'a closed port',
    () => ({ DATABASE_URL: `postgresql://postgres:${SECRET}@127.0.0.1:1/postgres` }),
    3,
    /could not be reached \(ECONNREFUSED\).*IPv6/,
  ],
  [
    'no such database',
    ({ ownerUrl: url }) => ({
      DATABASE_URL: of(url, (to) => {
        to.pathname = '/nowhere';
      }),
    }),
    3,
    /no database "nowhere"/,
  ],
  [
    'the role of the bot',
    ({ ownerUrl: url, workerUrl }) => ({ DATABASE_URL: url, MIGRATE_DATABASE_URL: workerUrl }),
    2,
    /^MIGRATE_DATABASE_URL logs in as verne_worker, but postgres owns/,
  ],
  ['a superuser', ({ adminUrl }) => ({ DATABASE_URL: adminUrl }), 2, /logs in as supabase_admin, but postgres owns/],
])('the script refuses in one sentence, without the password and a stack: %s', async ([, env, code, sentence]) => {
  const result = await run(env(db));
  expect(result).toMatchObject({ code, out: '', err: expect.stringMatching(sentence) });
  expect(result.err).not.toContain(SECRET);
  expect(result.err.trim().split('\n')).toHaveLength(1);
});

test('a superuser may not begin either: what he makes would act as one', async () => {
  const name = `${db.name}_root`;
  await db.sql.unsafe(`create database ${name}`);
  try {
    const { code, err } = await run({ DATABASE_URL: db.adminUrl.replace(/\/[^/]*$/, `/${name}`) });
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringContaining('a superuser, and what it makes would act as one'),
    });
  } finally {
    await db.sql.unsafe(`drop database if exists ${name} with (force)`);
  }
});

test('what a pooler answers to a user without a project is told as such', () => {
  const error = Object.assign(new Error('Tenant or user not found'), { code: 'XX000' });
  const url = new URL('postgresql://postgres:x@aws-0-eu-west-1.pooler.supabase.com:5432/postgres');
  expect(connectionProblem(error, 'DATABASE_URL', url)).toMatch(/postgres\.<project ref>/);
  expect(connectionProblem(new Error('anything'), 'DATABASE_URL', url)).toBeUndefined();
});
