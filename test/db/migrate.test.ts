import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrate } from '#db/migrate.ts';
import { MIGRATIONS } from '#db/open-embedded.ts';
import { makeLog } from '#kernel/log.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

let db: TestDatabase;
let directory: string;
let lines: string[];
const log = makeLog({ level: 'warn', secrets: [], destination: { write: (line: string) => void lines.push(line) } });

beforeEach(async () => {
  db = await freshDatabase();
  directory = await mkdtemp(join(tmpdir(), 'verne-migrations-'));
  lines = [];
});
afterEach(async () => {
  await db.close();
  await rm(directory, { recursive: true, force: true });
});

const write = (file: string, text: string) => writeFile(join(directory, file), text);
const run = () => migrate(db.ownerUrl, directory, log);

test('migrations are applied in order, once, and recorded as the Supabase CLI records them', async () => {
  await write('99990101000002_fill.sql', "insert into public.made values ('a; b');");
  await write('99990101000001_make.sql', 'create table public.made (a text);');
  await write('notes.sql', 'this is no migration');
  expect(await run()).toEqual(['99990101000001', '99990101000002']);
  expect(await run()).toEqual([]);
  expect(await db.sql`select a from public.made`).toHaveLength(1);
  expect(
    await db.sql`
      select version, name, statements from supabase_migrations.schema_migrations where version like '9999%' order by 1`,
  ).toEqual([
    { version: '99990101000001', name: 'make', statements: ['create table public.made (a text);'] },
    { version: '99990101000002', name: 'fill', statements: ["insert into public.made values ('a; b');"] },
  ]);
});

test('what migrations make belongs to postgres, who is no superuser', async () => {
  const [owner] = await db.sql`
    select r.rolname, r.rolsuper from pg_class c join pg_roles r on r.oid = c.relowner where c.oid = 'public.guilds'::regclass`;
  expect(owner).toEqual({ rolname: 'postgres', rolsuper: false });
  await write('99990101000001_reach.sql', 'alter role postgres superuser;');
  await expect(run()).rejects.toThrow(/99990101000001_reach was not applied.*permission denied/);
});

test('two migrators at once apply each migration once', async () => {
  await write('99990101000001_make.sql', 'create table public.made (a int); select pg_sleep(0.2);');
  await write('99990101000002_fill.sql', 'insert into public.made values (1);');
  const applied = await Promise.all([run(), run(), run()]);
  expect(applied.map(({ length }) => length).sort()).toEqual([0, 0, 2]);
  expect(await db.sql`select a from public.made`).toHaveLength(1);
});

test('a migration that fails leaves nothing of itself, says its name, and keeps what came before', async () => {
  await write('99990101000001_make.sql', 'create table public.made (a int);');
  await write('99990101000002_break.sql', 'create table public.half (a int); select 1 / 0;');
  await expect(run()).rejects.toThrow(/99990101000002_break was not applied.*division by zero/);
  const [found] =
    await db.sql`select to_regclass('public.made') is not null as made, to_regclass('public.half') is not null as half`;
  expect(found).toEqual({ made: true, half: false });
});

test('a migration that was changed after it was applied is told, not applied again', async () => {
  await write('99990101000001_make.sql', 'create table public.made (a int);');
  await run();
  await write('99990101000001_make.sql', '\n create table public.made (a int)  ;\n');
  expect([await run(), lines]).toEqual([[], []]);
  await write('99990101000001_make.sql', 'create table public.made (a text);');
  expect(await run()).toEqual([]);
  expect(lines.join()).toMatch(/99990101000001_make.*Write a new migration/);
});

test('a migrated database needs no further migration', async () => {
  expect(await migrate(db.ownerUrl, MIGRATIONS, log)).toEqual([]);
  expect(lines).toEqual([]);
});
