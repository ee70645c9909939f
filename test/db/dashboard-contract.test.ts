import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readSchemaFiles } from '../../scripts/compare-functions.ts';
import { clientOf, isSeen, type Person, signUp, wasSeen } from '../support/dashboard.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { type Postgrest, startPostgrest } from '../support/postgrest.ts';
import { runSnippet, snippetsOf } from '../support/snippets.ts';
import { aRequester, aServer, aTask, CONFIRM_ROLE, CREATE_ROLE } from '../support/tasks.ts';

const PAGE = new URL('../../docs/dashboard-contract.md', import.meta.url);
const SCHEMAS = new URL('../../supabase/schemas', import.meta.url).pathname;
const snippets = snippetsOf(PAGE);
const ran = new Set<string>();

let db: TestDatabase;
let postgrest: Postgrest;
let servers = 0;
let serverId: string;
let me: Person;

beforeAll(async () => {
  db = await freshDatabase();
  postgrest = await startPostgrest(db);
});
afterAll(async () => {
  await postgrest?.stop();
  await db?.close();
});
/** A server whose first visitor with Manage Server is `me`, who then signs in to the dashboard. */
beforeEach(async () => {
  servers += 1;
  serverId = `9300000000000000${10 + servers}`;
  me = await signUp(db);
  await isSeen(db, me, { guild: serverId, admin: true });
  await aServer(db, { guild: serverId });
});

const asMe = () => clientOf(postgrest, me);
const guildNow = async () => {
  const [row] = await db.sql`select * from public.guilds where guild_id = ${serverId}`;
  return row ?? {};
};

async function run(name: string, more: object = {}) {
  ran.add(name);
  const user = { id: me.id, email: 'me@example.org' };
  const roles = { createRole: CREATE_ROLE, confirmRole: CONFIRM_ROLE };
  const scope = { supabase: await asMe(), user, discordId: me.discordId, name: 'me', serverId, ...roles };
  return runSnippet(snippets.get(name) ?? '', { ...scope, guild: await guildNow(), ...more });
}

describe('sign-in', () => {
  test('a person whom the bot knew becomes their row: tasks and servers follow, mask, role and date stay', async () => {
    const actor = aRequester({ guild: serverId, id: me.discordId });
    const task = await aTask(db, actor);
    await db.sql`update public.users set role = 'admin', jules_api_key = '•••• 9z8y' where discord_id = ${me.discordId}`;
    const [before] = await db.sql`select id, created_at from public.users where discord_id = ${me.discordId}`;
    expect(await run('sign-in')).toMatchObject({
      error: null,
      data: { id: me.id, role: 'admin', jules_api_key: '•••• 9z8y', email: 'me@example.org' },
    });
    const rows = await db.sql`select id, created_at from public.users where discord_id = ${me.discordId}`;
    expect(rows).toEqual([{ id: me.id, created_at: before?.created_at }]);
    const [moved] = await db.sql`select user_id from public.tasks where id = ${task.id}`;
    expect(moved?.user_id).toBe(me.id);
    expect((await guildNow()).installer_user_id).toBe(me.id);
    expect(await run('sign-in')).toMatchObject({ error: null, data: { id: me.id } });
    const [later] = await db.sql`select user_id from public.tasks where id = ${(await aTask(db, actor)).id}`;
    expect(later?.user_id).toBe(me.id);
  });

  test('by a plain insert too, once', async () => {
    const supabase = await asMe();
    const row = { id: me.id, discord_id: me.discordId, discord_username: 'me' };
    expect(await supabase.from('users').insert(row).select().single()).toMatchObject({ status: 201, error: null });
    expect(await supabase.from('users').insert(row)).toMatchObject({ status: 409, error: { code: '23505' } });
  });

  test('while the person asks for tasks at the same moment nothing is lost', async () => {
    const actor = aRequester({ guild: serverId, id: me.discordId });
    const asked = Array.from({ length: 12 }, () => aTask(db, actor));
    const [signedIn, ...tasks] = await Promise.all([run('sign-in'), ...asked]);
    expect(signedIn.error).toBeNull();
    const owners = await db.sql`
      select user_id, count(*)::int from public.tasks where id = any (${tasks.map(({ id }) => id)}) group by 1`;
    expect(owners).toEqual([{ user_id: me.id, count: 12 }]);
  });

  test('somebody whom the bot never met signs in, and the bot uses that row from then on', async () => {
    me = await signUp(db);
    expect(await run('sign-in')).toMatchObject({ error: null, data: { id: me.id, role: 'developer' } });
    await isSeen(db, me, { guild: serverId, admin: false });
    expect(await db.sql`select id from public.users where discord_id = ${me.discordId}`).toEqual([{ id: me.id }]);
  });
});

describe('a server', () => {
  beforeEach(async () => {
    await run('sign-in');
  });

  test('is found by its Discord id and its installer, who is the first that was seen with Manage Server', async () => {
    expect(await run('find-server')).toMatchObject({
      error: null,
      data: { guild_id: serverId, default_repo: 'octo/repo', default_jules_api_key: '•••• 1a2b' },
    });
  });

  test('without an installer is claimed by who administers it, once', async () => {
    await db.sql`update public.guilds set installer_user_id = null where guild_id = ${serverId}`;
    expect((await run('find-server')).data).toBeNull();
    expect(await run('claim-server')).toMatchObject({ error: null, data: [{ installer_user_id: me.id }] });
    expect((await run('find-server')).data).toMatchObject({ guild_id: serverId });
    expect(await run('claim-server')).toMatchObject({ error: null, data: [] });
  });

  test('without an installer takes the next whom the bot sees with Manage Server', async () => {
    await db.sql`update public.guilds set installer_user_id = null where guild_id = ${serverId}`;
    await isSeen(db, await signUp(db), { guild: serverId, admin: false });
    expect((await guildNow()).installer_user_id).toBeNull();
    await isSeen(db, me, { guild: serverId, admin: true });
    expect((await guildNow()).installer_user_id).toBe(me.id);
    serverId = `9500000000000000${10 + servers}`;
    const actor = aRequester({ guild: serverId, id: me.discordId, admin: true });
    await db.rpc('request_task', { actor, request_key: crypto.randomUUID(), wish: { prompt: 'the first of all' } });
    expect((await guildNow()).installer_user_id).toBe(me.id);
  });

  test('is edited; its revision goes up by one, by whomever, and an edit of an old revision changes nothing', async () => {
    const before = await guildNow();
    const edited = await run('edit-server', { guild: before });
    expect(edited).toMatchObject({
      error: null,
      data: [{ default_repo: 'octo/tools', default_branch: 'next', revision: before.revision + 1 }],
    });
    expect(await run('edit-server', { guild: before })).toMatchObject({ error: null, data: [] });
    const config = { default_repo: 'octo/other' };
    await db.rpc('change_settings', {
      actor: aRequester({ guild: serverId, admin: true }),
      changes: config,
    });
    expect((await guildNow()).revision).toBe(before.revision + 2);
    await aTask(db, aRequester({ guild: serverId }));
    expect((await guildNow()).revision).toBe(before.revision + 2);
  });

  test('has each edit in its audit, with who made it and what it changed', async () => {
    await run('edit-server');
    const [last] = await db.sql`
      select actor_id, door, operation, outcome, args from verne.audit_log where guild_id = ${serverId} order by seq desc limit 1`;
    expect(last).toEqual({
      actor_id: me.discordId,
      door: 'dashboard',
      operation: 'settings.change',
      outcome: 'allowed',
      args: { default_repo: 'octo/tools', default_branch: 'next' },
    });
  });

  test('that has no row is added by who administers it; one that has a row is a conflict, or an upsert', async () => {
    const newServerId = `9400000000000000${10 + servers}`;
    await db.sql`insert into verne.members (guild_id, discord_id, is_admin) values (${newServerId}, ${me.discordId}, true)`;
    const bare = (await asMe()).from('guilds').insert({ guild_id: newServerId }).select();
    expect(await bare).toMatchObject({ error: null, data: [{ installer_user_id: me.id, default_branch: 'main' }] });
    await db.sql`delete from public.guilds where guild_id = ${newServerId}`;
    expect(await run('add-server', { newServerId })).toMatchObject({ error: null, data: { installer_user_id: me.id } });
    expect(await run('add-server', { newServerId })).toMatchObject({ error: { code: '23505' } });
    const supabase = await asMe();
    const whole = { guild_id: newServerId, installer_user_id: me.id, default_repo: 'octo/again' };
    const upserted = await supabase.from('guilds').upsert(whole, { onConflict: 'guild_id' }).select().single();
    expect(upserted).toMatchObject({ error: null, data: { default_repo: 'octo/again', revision: 2 } });
  });

  test('shows its tasks, newest first, limited and counted exactly', async () => {
    for (let at = 0; at < 3; at += 1) await aTask(db, aRequester({ guild: serverId }), { prompt: `number ${at}` });
    expect(await run('server-tasks')).toMatchObject({
      error: null,
      count: 3,
      data: [{ prompt: 'number 2', key_owner: 'server', key_last4: '1a2b' }, { prompt: 'number 1' }],
    });
  });
});

test('own tasks show wherever they were asked for, without administering anything', async () => {
  const administrator = me;
  me = await signUp(db);
  await aTask(db, aRequester({ guild: serverId, id: me.discordId }), { prompt: 'mine' });
  await aTask(db, aRequester({ guild: serverId, id: administrator.discordId }));
  expect(await run('own-tasks')).toMatchObject({ error: null, data: [{ prompt: 'mine' }] });
  expect(await run('server-tasks')).toMatchObject({ error: null, count: 1 });
});

test('a person sees how they stand, and it ages', async () => {
  const standing = async () => (await run('membership')).data;
  const server = { guild_id: serverId, is_admin: true };
  const fresh = { ...server, may_read: true, may_write: true };
  expect(await standing()).toMatchObject({ discord_ids: [me.discordId], servers: [fresh] });
  await wasSeen(db, me, 16);
  expect(await standing()).toMatchObject({ servers: [{ ...server, may_read: true, may_write: false }] });
  await wasSeen(db, me, 61);
  expect(await standing()).toMatchObject({ servers: [{ ...server, may_read: false, may_write: false }] });
  await isSeen(db, me, { guild: serverId, admin: true });
  expect(await standing()).toMatchObject({ servers: [fresh] });
  await wasSeen(db, me, -30); // the clock was set back since then: it counts for nothing until they are seen again
  expect(await standing()).toMatchObject({ servers: [{ ...server, may_read: false, may_write: false }] });
  await isSeen(db, me, { guild: serverId, admin: true });
  expect(await standing()).toMatchObject({ servers: [fresh] });
  await isSeen(db, me, { guild: serverId, admin: false });
  expect(await standing()).toMatchObject({ servers: [{ is_admin: false, may_read: false, may_write: false }] });
});

test('the bot notes a member when something changed or five minutes went by, and never for an operator', async () => {
  const note = async () => {
    const [row] = await db.sql`select seen_at, xmin::text from verne.members where discord_id = ${me.discordId}`;
    return row;
  };
  const first = await note();
  await isSeen(db, me, { guild: serverId, admin: true });
  expect(await note()).toEqual(first);
  await wasSeen(db, me, 6);
  await isSeen(db, me, { guild: serverId, admin: true });
  expect((await note())?.seen_at.getTime()).toBeGreaterThan(first?.seen_at.getTime());
  const operator = aRequester({ guild: serverId, id: '700000000000009999', admin: true, door: 'operator' });
  await db.rpc('read_settings', { actor: operator });
  expect(await db.sql`select from verne.members where discord_id = ${operator.id}`).toHaveLength(0);
});

test('every block of the page was run, and every sentence that refuses is on it', async () => {
  expect([...ran].sort()).toEqual([...snippets.keys()].sort());
  const page = readFileSync(PAGE, 'utf8');
  const guards = (await readSchemaFiles(SCHEMAS)).filter(({ path }) => /^guilds\/(guard|keep)_(?!audit)/.test(path));
  const sentences = guards.flatMap(({ text }) =>
    [...text.matchAll(/raise exception '([^']+)'/g)].map(([, said]) => said),
  );
  expect(sentences).toHaveLength(7);
  expect(sentences.filter((said) => !page.includes(`\`${said}\``))).toEqual([]);
  const constraints = await db.sql`
    select conname from pg_constraint where contype = 'c' and conrelid in ('public.users'::regclass, 'public.guilds'::regclass)
      and conname not in ('a_pause_names_who', 'approvals_needed_is_sensible', 'expire_hours_is_sensible', 'key_rule_is_known', 'language_is_spoken', 'role_is_known', 'a_key_is_shown_as_its_last_four_only')`;
  expect(constraints.map(({ conname }) => conname).filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
