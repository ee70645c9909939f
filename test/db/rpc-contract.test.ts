import type { Sql } from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, postgresRpc } from '#db/postgres.ts';
import { supabaseRpc } from '#db/supabase.ts';
import { Refusal, RemoteFailure } from '#kernel/errors.ts';
import type { Rpc, RpcArgs } from '#kernel/rpc.ts';
import { type RequestOutcome, requestTask } from '#tasks/request-task.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { type Postgrest, startPostgrest } from '../support/postgrest.ts';
import { anApprover, aRequester, aServer } from '../support/tasks.ts';

/** What holds on both transports: a caller cannot tell which one it was given. */

let db: TestDatabase;
let postgrest: Postgrest;
let overHttp: Rpc;
let pool: Sql;
let unprepared: Rpc;

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
  create function public.results() returns jsonb language sql as $$ select jsonb_build_object(
    'instant', '2026-11-20T10:00:00.123456Z'::timestamptz, 'day', '2026-02-28'::date, 'big', 9007199254740993::text,
    'fraction', 0.1, 'whole', 10, 'nothing', null, 'none', '[]'::jsonb, 'text', 'ü " \\\\ 👩‍🚀') $$;
  create function public.calls_missing() returns jsonb language plpgsql as $$ begin return public.not_made(); end $$;
  grant execute on all functions in schema public to verne_worker, service_role;
`;

beforeAll(async () => {
  db = await freshDatabase();
  await db.sql.unsafe(FUNCTIONS);
  postgrest = await startPostgrest(db);
  pool = connect(db.workerUrl, { max: 2, applicationName: 'verne test unprepared' });
  unprepared = postgresRpc(pool, { prepare: false });
  overHttp = supabaseRpc({ url: postgrest.url, key: postgrest.serviceKey, timeoutMs: 10_000 });
});
afterAll(async () => {
  await postgrest?.stop();
  await pool?.end({ timeout: 5 });
  await db?.close();
});

/** All that a log line could show of an error. */
const shown = (error: unknown) =>
  JSON.stringify([error, Object.entries(error as object), String(error), (error as Error).stack]);
const thrownBy = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('nothing was thrown'),
    (thrown: unknown) => thrown as Error,
  );

const TRANSPORTS = [
  ['postgres.js', () => db.rpc],
  ['postgres.js, nothing prepared', () => unprepared],
  ['supabase-js', () => overHttp],
] as const;

describe.each(TRANSPORTS)('%s', (transport, rpcOf) => {
  const rpc: Rpc = (name, args, options) => rpcOf()(name, args, options);
  const echo = (args: RpcArgs) => rpc('echo_types', args);

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
    expect(await rpc('count_given', { a_text: undefined })).toBe('left out');
  });

  test('a function without arguments answers, and null is null', async () => {
    expect(await rpc('no_arguments', {})).toEqual([1, { two: null }]);
    expect(await rpc('nothing', {})).toBe(null);
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
      await expect(rpc(name, {})).rejects.toThrow(TypeError);
      await expect(rpc('echo_types', { [name]: 1 })).rejects.toThrow(TypeError);
    },
  );

  test('a refusal of SQL is a Refusal with its code and sentence', async () => {
    const error = await thrownBy(rpc('refuse', {}));
    expect(error).toBeInstanceOf(Refusal);
    expect(error).toMatchObject({ code: 'not_allowed', sentence: 'Nobody may do this. Ask an admin.' });
  });

  // Not 40001: PostgREST before 12.2 repeats it inside itself until it passes.
  test.each(['40P01', '55P03', '53300'])('SQLSTATE %s is rolled back and may be tried again soon', async (code) => {
    const error = await thrownBy(rpc('fail', { a_text: code }));
    expect(error).toBeInstanceOf(RemoteFailure);
    expect(error).toMatchObject({ service: 'database', code, retry: 'soon', unknownOutcome: false });
  });

  test('a defect tells its SQLSTATE and place, and no value', async () => {
    const error = await thrownBy(rpc('divide', { secret: 'hunter2-hunter2' }));
    expect(error).not.toBeInstanceOf(RemoteFailure);
    expect(error).toMatchObject({ code: '22P02' });
    expect(shown(error)).toMatch(/divide/);
    expect(shown(error)).not.toMatch(/hunter2/);
    await rpc('keep', { id: `hunter2-${transport}` });
    const doubled = await thrownBy(rpc('keep', { id: `hunter2-${transport}` }));
    expect(doubled).toMatchObject({ code: '23505' });
    expect(shown(doubled)).toMatch(/kept_pkey/);
    expect(shown(doubled)).not.toMatch(/hunter2/);
  });

  test.each(['57P01', '08006', '40003'])('after SQLSTATE %s the call may have taken effect', async (code) => {
    const error = await thrownBy(rpc('fail', { a_text: code }));
    expect(error).toMatchObject({ service: 'database', code, retry: 'soon', unknownOutcome: true });
  });

  test('a function that is missing is said to wait for its migrations, and nothing was done', async () => {
    for (const [name, args] of [
      ['not_made', {}],
      ['nothing', { an_argument: 'more' }],
    ] as const) {
      const error = await thrownBy(rpc(name, args));
      expect(error).toBeInstanceOf(RemoteFailure);
      expect(error).toMatchObject({ code: 'missing_function', retry: 'soon', unknownOutcome: false });
      expect(error.message).toMatch(/npm run migrate/);
    }
  });

  test('a function that calls what is missing is a defect', async () => {
    expect(await thrownBy(rpc('calls_missing', {}))).toMatchObject({ name: 'DatabaseDefect[42883]' });
  });

  test('numbers keep their value, and what is too big for a number travels as text', async () => {
    const numbers = [0.1, -0, 1e21, Number.MAX_SAFE_INTEGER, '9007199254740993', '123456789012345678901234567890'];
    expect(await echo({ a_json: numbers, a_text: '9007199254740993' })).toMatchObject({
      a_json: [0.1, 0, 1e21, Number.MAX_SAFE_INTEGER, '9007199254740993', '123456789012345678901234567890'],
      a_text: '9007199254740993',
    });
  });

  test('a large argument and a large result arrive whole', async () => {
    const long = 'ü👩‍🚀'.repeat(50_000);
    expect(await echo({ a_json: [long] })).toMatchObject({ a_json: [long] });
  });

  test('a signal that was aborted before sends nothing', async () => {
    await expect(rpc('keep', { id: `never ${transport}` }, { signal: AbortSignal.abort() })).rejects.toThrow();
    expect(await db.sql`select from public.kept where id = ${`never ${transport}`}`).toHaveLength(0);
  });

  test('a signal ends the waiting at once, and the next call works', async () => {
    const abort = new AbortController();
    const dozing = thrownBy(rpc('doze', { seconds: 5 }, { signal: abort.signal }));
    await expect
      .poll(() => db.sql`select from pg_stat_activity where datname = ${db.name} and wait_event = 'PgSleep'`)
      .not.toHaveLength(0);
    const startedAt = performance.now();
    abort.abort(new Error('any reason'));
    const error = await dozing;
    expect(performance.now() - startedAt).toBeLessThan(2000);
    expect(error).toBeInstanceOf(RemoteFailure);
    expect(error).toMatchObject({ service: 'database', retry: 'soon' });
    expect(await rpc('no_arguments', {})).toEqual([1, { two: null }]);
  });
});

/** An answer without the time at which it was given. */
const atOneTime = (outcome: RequestOutcome) =>
  outcome.kind === 'requested' ? { ...outcome, task: { ...outcome.task, now: undefined } } : outcome;

describe('both transports', () => {
  test('give one result to the letter', async () => {
    const direct = await db.rpc('results', {});
    expect(direct).toMatchObject({ big: '9007199254740993', day: '2026-02-28', nothing: null });
    expect(JSON.stringify(await overHttp('results', {}))).toBe(JSON.stringify(direct));
  });

  test('let a person ask for a task: the same request through the other one is the same task', async () => {
    await aServer(db, {});
    for (const [first, second] of [
      [db.rpc, overHttp],
      [overHttp, db.rpc],
    ] as const) {
      const wish = { requestKey: crypto.randomUUID(), prompt: 'Fix the “login” test 👩‍🚀 \ud800' };
      const asked = await requestTask(first, aRequester(), wish);
      expect(asked).toMatchObject({ kind: 'requested', task: { status: 'pending_confirmation' } });
      expect(atOneTime(await requestTask(second, aRequester(), wish))).toEqual(atOneTime(asked));
    }
  });

  test('refuse a person alike', async () => {
    const wish = () => ({ requestKey: crypto.randomUUID(), prompt: 'Fix it', repo: 'octo/repo' });
    for (const actor of [
      aRequester({ roles: [] }),
      aRequester({ guild: null }),
      anApprover({ guild: '930000000000000001' }),
    ]) {
      const answers = await Promise.all([db.rpc, overHttp].map((rpc) => requestTask(rpc, actor, wish())));
      expect(answers[0]?.kind).not.toBe('requested');
      expect(answers[1]).toEqual(answers[0]);
    }
  });
});
