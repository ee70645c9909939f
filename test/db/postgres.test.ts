import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, postgresRpc } from '#db/postgres.ts';
import { Refusal, RemoteFailure } from '#kernel/errors.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

let db: TestDatabase;

const FUNCTIONS = `
  create function public.echo_types(a_text text default null, an_int int default null, a_flag boolean default null,
    a_list text[] default null, a_json jsonb default null) returns jsonb language sql as $$
    select jsonb_build_object('a_text', a_text, 'an_int', an_int, 'a_flag', a_flag, 'a_list', a_list,
      'a_json', a_json, 'json_type', jsonb_typeof(a_json)) $$;
  create function public.count_given(a_text text default 'left out') returns jsonb language sql as $$ select to_jsonb(a_text) $$;
  create function public.no_arguments() returns jsonb language sql as $$ select '[1, {"two": null}]'::jsonb $$;
  create function public.nothing() returns jsonb language sql as $$ select null::jsonb $$;
  create function public.refuse() returns jsonb language plpgsql as $$
    begin raise exception 'Nobody may do this. Ask an admin.' using errcode = 'VN001', detail = 'not_allowed'; end $$;
  create function public.fail(a_text text) returns jsonb language plpgsql as $$
    begin perform 1 / 0; return null; exception when division_by_zero then raise exception using errcode = a_text, message = 'as asked'; end $$;
  create function public.divide(secret text) returns jsonb language plpgsql as $$
    begin return to_jsonb(secret::int); end $$;
  create table public.kept (id text primary key);
  create function public.keep(id text) returns jsonb language sql security definer as $$
    insert into public.kept values (keep.id) returning to_jsonb(kept) $$;
  create function public.doze(seconds int) returns jsonb language sql as $$ select to_jsonb(pg_sleep(seconds)::text) $$;
  grant execute on all functions in schema public to verne_worker;
`;

beforeAll(async () => {
  db = await freshDatabase();
  await db.sql.unsafe(FUNCTIONS);
});
afterAll(() => db.close());

const echo = (args: Record<string, unknown>) => db.rpc('echo_types', args) as Promise<Record<string, unknown>>;

test('the bot logs in as a role that owns nothing', async () => {
  const [row] = await db.sql<{ superuser: boolean }[]>`
    select rolsuper as superuser from pg_roles where rolname = 'verne_worker'`;
  expect(row).toEqual({ superuser: false });
});

test('text, whole numbers, booleans and lists arrive as what they are', async () => {
  expect(await echo({ a_text: '007', an_int: -5, a_flag: false, a_list: ['a', 'b,"c"', '{}', ''] })).toMatchObject({
    a_text: '007',
    an_int: -5,
    a_flag: false,
    a_list: ['a', 'b,"c"', '{}', ''],
  });
  expect(await echo({ a_text: '', an_int: 0, a_flag: true, a_list: [] })).toMatchObject({
    a_text: '',
    an_int: 0,
    a_flag: true,
    a_list: [],
  });
});

test.each([
  ['an object', { a: { b: [1, null, 'x'] }, 'ü"': false }, 'object'],
  ['a list of objects', [{ a: 1 }, { a: 2 }], 'array'],
  ['a list of booleans', [true, false], 'array'],
  ['a list of text', ['a', 'b'], 'array'],
  ['an empty list', [], 'array'],
  ['a text', 'just "text"', 'string'],
  ['a text that looks like JSON', '{"a": 1}', 'string'],
  ['a number', 1.5, 'number'],
  ['true', true, 'boolean'],
])('jsonb may be %s', async (_, value, type) => {
  expect(await echo({ a_json: value })).toMatchObject({ a_json: value, json_type: type });
});

test('null is the null of SQL for every type', async () => {
  const nothing = { a_text: null, an_int: null, a_flag: null, a_list: null, a_json: null };
  expect(await echo(nothing)).toEqual({ ...nothing, json_type: null });
});

test('an instant arrives as its ISO text', async () => {
  const at = new Date('2026-11-20T10:00:00.123Z');
  expect(await echo({ a_text: at, a_json: { at } })).toMatchObject({
    a_text: '2026-11-20T10:00:00.123Z',
    a_json: { at: '2026-11-20T10:00:00.123Z' },
  });
});

test('one function takes one type after another in the same argument', async () => {
  for (const value of [{ a: 1 }, 'text', true, [1], 7])
    expect(await echo({ a_json: value })).toMatchObject({ a_json: value });
});

test('an undefined argument is left out, so that its default holds', async () => {
  expect(await db.rpc('count_given', { a_text: undefined })).toBe('left out');
});

test('a function without arguments answers, and null is null', async () => {
  expect(await db.rpc('no_arguments', {})).toEqual([1, { two: null }]);
  expect(await db.rpc('nothing', {})).toBe(null);
});

test('NUL and lone surrogates are made storable at any depth, and everything else is kept', async () => {
  const text = 'a\0b\ud800c 👩‍🚀 \u202e';
  const clean = 'ab\ufffdc 👩‍🚀 \u202e';
  expect(await echo({ a_text: text, a_list: [text], a_json: { [text]: [text] } })).toMatchObject({
    a_text: clean,
    a_list: [clean],
    a_json: { [clean]: [clean] },
  });
});

test.each(['drop table x', 'a; --', 'Upper', 'pg_catalog.pg_sleep', ''])(
  '%j is no name of a function',
  async (name) => {
    await expect(db.rpc(name, {})).rejects.toThrow(TypeError);
    await expect(db.rpc('echo_types', { [name]: 1 })).rejects.toThrow(TypeError);
  },
);

test('a refusal of SQL is a Refusal with its code and sentence', async () => {
  const error = await db.rpc('refuse', {}).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Refusal);
  expect(error).toMatchObject({ code: 'not_allowed', sentence: 'Nobody may do this. Ask an admin.' });
});

test.each(['40001', '40P01', '55P03', '53300'])(
  'SQLSTATE %s is rolled back and may be tried again soon',
  async (code) => {
    const error = await db.rpc('fail', { a_text: code }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RemoteFailure);
    expect(error).toMatchObject({ service: 'database', code, retry: 'soon', unknownOutcome: false });
  },
);

/** All that a log line could show of an error. */
const shown = (error: unknown) =>
  JSON.stringify([error, Object.entries(error as object), String(error), (error as Error).stack]);

test('a defect tells its SQLSTATE and place, and no value', async () => {
  const error = await db.rpc('divide', { secret: 'hunter2-hunter2' }).catch((thrown: unknown) => thrown);
  expect(error).not.toBeInstanceOf(RemoteFailure);
  expect(error).toMatchObject({ code: '22P02' });
  expect(shown(error)).toMatch(/divide/);
  expect(shown(error)).not.toMatch(/hunter2/);
  await db.rpc('keep', { id: 'hunter2' });
  const doubled = await db.rpc('keep', { id: 'hunter2' }).catch((thrown: unknown) => thrown);
  expect(doubled).toMatchObject({ code: '23505' });
  expect(shown(doubled)).toMatch(/kept_pkey/);
  expect(shown(doubled)).not.toMatch(/hunter2/);
});

test('a function that does not exist is a defect, not weather', async () => {
  await expect(db.rpc('no_such_function', {})).rejects.toMatchObject({ name: 'DatabaseDefect[42883]' });
});

test('a signal cancels the query on the server, and the connection stays usable', async () => {
  const abort = new AbortController();
  const dozing = db.rpc('doze', { seconds: 60 }, { signal: abort.signal }).catch((thrown: unknown) => thrown);
  await expect
    .poll(() => db.sql`select 1 from pg_stat_activity where query like '%doze%' and wait_event = 'PgSleep'`)
    .toHaveLength(1);
  abort.abort();
  expect(await dozing).toMatchObject({ code: '57014', retry: 'soon', unknownOutcome: false });
  expect(await db.rpc('no_arguments', {})).toEqual([1, { two: null }]);
});

test('a signal that was aborted before sends nothing', async () => {
  await expect(db.rpc('keep', { id: 'never' }, { signal: AbortSignal.abort() })).rejects.toThrow();
  expect(await db.sql`select from public.kept where id = 'never'`).toHaveLength(0);
});

test('the statement timeout of a connection ends a slow query', async () => {
  const sql = connect(db.workerUrl, { max: 1, applicationName: 'verne test slow', statementTimeoutMs: 50 });
  try {
    await expect(postgresRpc(sql)('doze', { seconds: 5 })).rejects.toMatchObject({ code: '57014' });
  } finally {
    await sql.end({ timeout: 5 });
  }
});

test('a connection that is cut while a call runs has an unknown outcome, and a later call connects again', async () => {
  const sql = connect(db.workerUrl, { max: 1, applicationName: 'verne test cut' });
  const rpc = postgresRpc(sql);
  try {
    const dozing = rpc('doze', { seconds: 60 }).catch((thrown: unknown) => thrown);
    await expect
      .poll(
        () => db.sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'verne test cut' and wait_event = 'PgSleep'`,
      )
      .toHaveLength(1);
    expect(await dozing).toMatchObject({ service: 'database', retry: 'soon', unknownOutcome: true });
    await expect.poll(() => rpc('no_arguments', {})).toEqual([1, { two: null }]);
  } finally {
    await sql.end({ timeout: 5 });
  }
});

test('a database that is not there is said so, and nothing can have happened', async () => {
  const sql = connect('postgres://verne_worker:secret-secret@127.0.0.1:1/postgres', {
    max: 1,
    applicationName: 'verne test',
    connectTimeoutS: 2,
  });
  const error = await postgresRpc(sql)('no_arguments', {}).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ service: 'database', code: 'ECONNREFUSED', retry: 'soon', unknownOutcome: false });
  expect(shown(error)).not.toMatch(/secret-secret/);
  await sql.end({ timeout: 1 });
});

test('the bot may not read a table', async () => {
  const sql = connect(db.workerUrl, { max: 1, applicationName: 'verne test' });
  try {
    await expect(sql`select from public.guilds`).rejects.toMatchObject({ code: '42501' });
    await expect(sql`select from verne.events`).rejects.toMatchObject({ code: '42501' });
  } finally {
    await sql.end({ timeout: 5 });
  }
});
