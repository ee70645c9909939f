import { SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aDiscordId, clientOf, clientWith, isSeen, type Person, signUp, wasSeen } from '../support/dashboard.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { type Postgrest, startPostgrest } from '../support/postgrest.ts';
import { aRequester, aServer, aTask, CONFIRM_ROLE, CREATE_ROLE } from '../support/tasks.ts';

const SERVER = '910000000000000001';
const OTHERS_SERVER = '910000000000000002';
const PLAINTEXT = 'AIzaSyCanaryCanaryCanary';

let db: TestDatabase;
let postgrest: Postgrest;
let other: Person;
let me: Person;

beforeAll(async () => {
  db = await freshDatabase();
  postgrest = await startPostgrest(db);
  other = await signUp(db);
  await isSeen(db, other, { guild: OTHERS_SERVER, admin: true });
  await aServer(db, { guild: OTHERS_SERVER });
  await signIn(other);
});
afterAll(async () => {
  await postgrest?.stop();
  await db?.close();
});
/** Signed in, and an admin of a server where the bot saw them just now. */
beforeEach(async () => {
  me = await signUp(db, aDiscordId(), { provider_id: other.discordId, role: 'service_role', is_admin: true });
  await isSeen(db, me, { guild: SERVER, admin: true });
  await signIn(me);
});

async function signIn(person: Person) {
  const supabase = await clientOf(postgrest, person);
  await supabase.from('users').insert({ id: person.id, discord_id: person.discordId }).throwOnError();
}

const everything = () => db.sql`
  select (select jsonb_agg(u order by u.id) from public.users u) as users,
    (select jsonb_agg(g order by g.id) from public.guilds g) as guilds,
    (select jsonb_agg(t order by t.id) from public.tasks t) as tasks`;

/** Runs what must be refused, and that nothing was written by it. */
async function refused<T>(attempt: PromiseLike<T>): Promise<T> {
  const before = await everything();
  const answer = await attempt;
  expect(await everything()).toEqual(before);
  return answer;
}

const guildEdit = async (values: object, guild = SERVER) =>
  (await clientOf(postgrest, me)).from('guilds').update(values).eq('guild_id', guild).select();
const userEdit = async (values: object) =>
  (await clientOf(postgrest, me)).from('users').update(values).eq('id', me.id).select();

describe('a token', () => {
  const secret = (text: string) => new TextEncoder().encode(text);
  const claims = () => ({ sub: me.id, role: 'authenticated', aud: 'authenticated' });
  const signed = (payload: Record<string, unknown>, text: string, within = '1h') =>
    new SignJWT(payload)
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuedAt()
      .setExpirationTime(within)
      .sign(secret(text));
  const read = (token: string) => clientWith(postgrest, token).from('guilds').select('*');

  test('that is expired, unsigned, cut, changed, or of another project is refused', async () => {
    const good = await signed(claims(), postgrest.jwtSecret);
    expect(await read(good)).toMatchObject({ status: 200, data: [{ guild_id: SERVER }] });
    const [head, , signature] = good.split('.');
    const raised = Buffer.from(JSON.stringify({ ...claims(), role: 'service_role' })).toString('base64url');
    const tokens = {
      expired: await signed(claims(), postgrest.jwtSecret, '-2m'),
      unsigned: new UnsecuredJWT(claims()).setIssuedAt().setExpirationTime('1h').encode(),
      'of another project': await signed(claims(), 'the-secret-of-another-project-at-least-32-long'),
      'of another project, as service_role': await signed({ role: 'service_role' }, 'x'.repeat(40)),
      'raised to service_role': [head, raised, signature].join('.'),
      cut: good.slice(0, -10),
    };
    for (const [name, token] of Object.entries(tokens)) {
      const answer = await read(token);
      expect([name, answer.status, answer.data]).toEqual([name, 401, null]);
    }
  });

  test('whose metadata claims a role or an account has neither', async () => {
    const metadata = { provider_id: other.discordId, sub: other.discordId, role: 'service_role' };
    const token = await signed({ ...claims(), user_metadata: metadata, app_metadata: metadata }, postgrest.jwtSecret);
    expect((await read(token)).data).toMatchObject([{ guild_id: SERVER }]);
    const { data } = await clientWith(postgrest, token).rpc('read_membership');
    expect(data).toMatchObject({ discord_ids: [me.discordId] });
  });

  test('of nobody, of somebody who is gone, or the anon key alone shows nothing', async () => {
    await db.sql`delete from auth.users where id = ${me.id}`;
    expect(await (await clientOf(postgrest, me)).from('guilds').select('*')).toMatchObject({ status: 200, data: [] });
    expect((await read(await signed({ role: 'authenticated' }, postgrest.jwtSecret))).data).toEqual([]);
    for (const table of ['users', 'guilds', 'tasks']) {
      const anon = clientWith(postgrest, postgrest.anonKey);
      expect(await anon.from(table).select('*')).toMatchObject({ status: 401, error: { code: '42501' } });
      const service = clientWith(postgrest, postgrest.serviceKey);
      expect(await service.from(table).select('*')).toMatchObject({ status: 403, error: { code: '42501' } });
    }
  });

  test('of a person calls no function of the bot', async () => {
    const supabase = await clientOf(postgrest, me);
    const actor = aRequester({ guild: OTHERS_SERVER, admin: true });
    for (const [name, args] of [
      ['change_settings', { actor, changes: { default_repo: 'octo/mine' } }],
      ['request_task', { actor, request_key: 'x', wish: { prompt: 'x' } }],
      ['read_key', { key_id: crypto.randomUUID() }],
    ] as const) {
      expect(await refused(supabase.rpc(name, args))).toMatchObject({ status: 403, error: { code: '42501' } });
    }
  });
});

describe('what is somebody else’s', () => {
  const insert = async (row: object) => (await clientOf(postgrest, me)).from('users').insert(row);

  test('a sign-in with the Discord account of another, of nobody, or without one is refused', async () => {
    me = await signUp(db);
    await db.sql`
      insert into auth.identities (user_id, provider, provider_id) values (${me.id}, 'github', ${other.discordId})`;
    for (const discord_id of [other.discordId, aDiscordId(), null]) {
      expect(await refused(insert({ id: me.id, discord_id }))).toMatchObject({
        status: 403,
        error: { code: '42501', message: expect.stringMatching(/not proven to be yours. Sign in with Discord/) },
      });
    }
    expect(await refused(insert({ id: other.id, discord_id: me.discordId }))).toMatchObject({
      error: { message: expect.stringMatching(/by the person whom it is about/) },
    });
    expect(await refused(insert({ id: me.id, discord_id: me.discordId, role: 'admin' }))).toMatchObject({
      error: { code: '42501' },
    });
  });

  test('a row keeps its person, its account and its role', async () => {
    expect(await refused(userEdit({ id: crypto.randomUUID() }))).toMatchObject({ error: { code: '42501' } });
    expect(await refused(userEdit({ discord_id: other.discordId }))).toMatchObject({
      error: { message: expect.stringMatching(/keeps its Discord account/) },
    });
    expect(await refused(userEdit({ role: 'admin' }))).toMatchObject({ status: 403, error: { code: '42501' } });
  });

  test('another server is not seen, edited, added, claimed, or taken over by moving one’s own row onto it', async () => {
    const supabase = await clientOf(postgrest, me);
    expect(await supabase.from('guilds').select('*').eq('guild_id', OTHERS_SERVER)).toMatchObject({ data: [] });
    expect(await refused(guildEdit({ default_repo: 'octo/mine' }, OTHERS_SERVER))).toMatchObject({ data: [] });
    for (const guild_id of [OTHERS_SERVER, '919999999999999999']) {
      const row = { guild_id, installer_user_id: me.id };
      const adding = supabase.from('guilds').insert(row);
      const upserting = supabase.from('guilds').upsert(row, { onConflict: 'guild_id' });
      for (const attempt of [adding, upserting]) {
        expect(await refused(attempt)).toMatchObject({
          status: 403,
          error: { message: expect.stringMatching(/has not seen you with Manage Server/) },
        });
      }
    }
    expect(await refused(guildEdit({ guild_id: OTHERS_SERVER }))).toMatchObject({
      error: { message: expect.stringMatching(/keeps its server/) },
    });
  });

  test('nobody is put forward as the installer, nor put away', async () => {
    for (const installer_user_id of [other.id, null, crypto.randomUUID()]) {
      await db.sql`update public.guilds set installer_user_id = ${me.id} where guild_id = ${SERVER}`;
      expect(await refused(guildEdit({ installer_user_id }))).toMatchObject({
        error: { message: expect.stringMatching(/your own id there while it is empty/) },
      });
    }
    await db.sql`update public.guilds set installer_user_id = null where guild_id = ${SERVER}`;
    expect(await refused(guildEdit({ installer_user_id: other.id }))).toMatchObject({ status: 403 });
    await db.sql`update public.guilds set installer_user_id = ${other.id} where guild_id = ${SERVER}`;
    expect(await refused(guildEdit({ installer_user_id: me.id }))).toMatchObject({ status: 403 });
  });

  test('tasks of another server do not exist, and no task is written', async () => {
    const task = await aTask(db, aRequester({ guild: OTHERS_SERVER }));
    const supabase = await clientOf(postgrest, me);
    expect(await supabase.from('tasks').select('*', { count: 'exact' }).eq('id', task.id)).toMatchObject({ count: 0 });
    const own = { status: 'completed', prompt: 'x' };
    expect(await refused(supabase.from('tasks').update(own).eq('id', task.id))).toMatchObject({ status: 403 });
    expect(await refused(supabase.from('tasks').insert(own))).toMatchObject({ status: 403 });
    expect(await refused(supabase.from('tasks').delete().eq('id', task.id))).toMatchObject({ status: 403 });
    expect(await refused(supabase.from('guilds').delete().eq('guild_id', SERVER))).toMatchObject({ status: 403 });
  });

  test('an admin whom the bot has not seen for a while is told what to do, and an ex-admin sees nothing', async () => {
    await wasSeen(db, me, 16);
    expect(await refused(guildEdit({ default_repo: 'octo/late' }))).toMatchObject({
      status: 403,
      error: { message: expect.stringMatching(/last 15 minutes. Use \/config there, in Discord, then save again/) },
    });
    await isSeen(db, me, { guild: SERVER, admin: false });
    expect(await refused(guildEdit({ default_repo: 'octo/late' }))).toMatchObject({ data: [] });
  });
});

describe('a key column', () => {
  const sentence = /shows the last four of a Jules key and takes none.*\/config key in Discord.*npm run keys -- set/;
  const isRefused = (answer: object) => {
    expect(answer).toMatchObject({ status: 400, error: { code: 'VN003', message: expect.stringMatching(sentence) } });
    expect(JSON.stringify(answer)).not.toContain(PLAINTEXT);
  };

  test('takes no key, no mask and no null from a dashboard, whatever else is wrong with the row', async () => {
    await db.sql`update public.guilds set default_jules_api_key = '•••• 1a2b' where guild_id = ${SERVER}`;
    await db.sql`update public.users set jules_api_key = '•••• 1a2b' where id = ${me.id}`;
    for (const key of [PLAINTEXT, '•••• 9z9z', '', null]) {
      isRefused(await refused(guildEdit({ default_jules_api_key: key })));
      isRefused(await refused(guildEdit({ default_jules_api_key: key, permissions: [], approver_notice: 'x' })));
      isRefused(await refused(userEdit({ jules_api_key: key, discord_id: 'x' })));
    }
    const supabase = await clientOf(postgrest, me);
    const row = { guild_id: SERVER, default_jules_api_key: PLAINTEXT };
    isRefused(await refused(supabase.from('guilds').insert(row)));
    isRefused(await refused(supabase.from('guilds').upsert(row, { onConflict: 'guild_id' })));
    isRefused(await refused(supabase.from('users').upsert({ id: me.id, jules_api_key: PLAINTEXT })));
  });

  test('may be written back as it was read', async () => {
    await db.sql`update public.guilds set default_jules_api_key = '•••• 1a2b' where guild_id = ${SERVER}`;
    const back = { default_jules_api_key: '•••• 1a2b', default_repo: 'octo/back' };
    expect(await guildEdit(back)).toMatchObject({ error: null, data: [{ default_repo: 'octo/back' }] });
    expect(await userEdit({ jules_api_key: null, email: 'a@example.org' })).toMatchObject({ error: null });
  });

  test('takes no key from whoever owns the database either', async () => {
    const pasted = db.sql`update public.guilds set default_jules_api_key = ${PLAINTEXT} where guild_id = ${SERVER}`;
    const error = await refused(pasted.then(undefined, (reason: Error) => reason));
    expect(error).toMatchObject({ code: 'VN003', message: expect.stringMatching(sentence) });
    expect(JSON.stringify(error)).not.toContain(PLAINTEXT);
  });
});

test('a value of the wrong shape is refused by a constraint that says what it wants', async () => {
  const roles = { create_roles: [CREATE_ROLE], confirm_roles: [CONFIRM_ROLE] };
  const wrong: [string, object][] = [
    ['permissions_are_lists_of_roles', { permissions: {} }],
    ['permissions_are_lists_of_roles', { permissions: [] }],
    ['permissions_are_lists_of_roles', { permissions: 'everybody' }],
    ['permissions_are_lists_of_roles', { permissions: { ...roles, confirm_roles: CONFIRM_ROLE } }],
    ['permissions_hold_role_ids', { permissions: { ...roles, confirm_roles: [Number(CONFIRM_ROLE)] } }],
    ['permissions_hold_role_ids', { permissions: { ...roles, create_roles: ['@everyone'] } }],
    ['permissions_hold_role_ids', { permissions: { ...roles, create_roles: [[CREATE_ROLE]] } }],
    ['permissions_hold_role_ids', { permissions: { ...roles, create_roles: [null] } }],
    ['permissions_hold_role_ids', { permissions: { ...roles, more: true } }],
    ['permissions_hold_role_ids', { permissions: { ...roles, create_roles: Array(2000).fill(CREATE_ROLE) } }],
    ['approver_people_are_snowflakes', { approver_people: ['somebody'] }],
    ['approver_people_are_snowflakes', { approver_people: [null] }],
    ['approver_notice_is_known', { approver_notice: 'everyone' }],
    ['default_repo_is_owner_slash_name', { default_repo: 'https://github.com/octo/repo' }],
    ['name_and_default_repo_are_short', { default_repo: `octo/${'x'.repeat(200)}` }],
    ['default_branch_is_a_branch_name', { default_branch: 'a branch' }],
    ['default_branch_is_a_branch_name', { default_branch: '' }],
  ];
  for (const [constraint, values] of wrong) {
    expect([values, await refused(guildEdit(values))]).toMatchObject([
      values,
      { status: 400, error: { code: '23514', message: expect.stringContaining(`"${constraint}"`) } },
    ]);
  }
  for (const values of [{ revision: 99 }, { last_task_number: 0 }, { created_at: '2020-01-01' }]) {
    expect(await refused(guildEdit(values))).toMatchObject({ status: 403, error: { code: '42501' } });
  }
  expect(await guildEdit({ permissions: roles, approver_people: [other.discordId] })).toMatchObject({ error: null });
});
