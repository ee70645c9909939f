import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { discordClient } from '#discord/client.ts';
import { type Gateway, startGateway } from '#discord/gateway.ts';
import { refusedByGate } from '#discord/refused.ts';
import { toResponse } from '#discord/reply.ts';
import { canI, changeGrant } from '#guilds/access.ts';
import { changeBudget } from '#guilds/budgets.ts';
import { recordPresence } from '#guilds/presence.ts';
import { changeSettings, readSettings } from '#guilds/settings.ts';
import { RemoteFailure } from '#kernel/errors.ts';
import { taskId } from '#kernel/ids.ts';
import { makeLog } from '#kernel/log.ts';
import type { Rpc } from '#kernel/rpc.ts';
import { addBot, removeBot } from '#sandbox/discord/membership.ts';
import { createDiscord } from '#sandbox/discord/server.ts';
import { emit } from '#sandbox/discord/world.ts';
import { decideTask } from '#tasks/decide-task.ts';
import { anActor } from '../support/actors.ts';
import { moveClock } from '../support/clock.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { newSnowflake } from '../support/interaction.ts';
import { anAdmin, aRequester, aServer, aTask, CREATE_ROLE } from '../support/tasks.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());

const log = makeLog({ level: 'silent', secrets: [] });

async function hasLeft(guild: string) {
  const [row] = await db.sql`select left_at is not null as gone from public.guilds where guild_id = ${guild}`;
  return row?.gone as boolean;
}
const factsOf = async (guild: string) =>
  (await db.sql`select topic from verne.events where key = ${`guild:${guild}`} order by id`).map(({ topic }) => topic);

test('the gateway tells which servers there are, which was removed and which was added, and no outage of Discord', async () => {
  const discord = createDiscord({ latencyMs: 0, limits: { isOn: false } });
  const { apiBase } = await discord.listen(0);
  const client = discordClient({ token: discord.token, apiBase, timeoutMs: 1000 });
  const heard: string[] = [];
  const named: string[] = [];
  const presence = {
    all: (ids: readonly string[]) => void heard.push(`all ${ids.length}`),
    added: (id: string) => void heard.push(`added ${id}`),
    removed: (id: string) => void heard.push(`removed ${id}`),
    roles: (id: string, roles: readonly string[]) => void named.push(`${id} has ${roles.join(' ')}`),
    roleDeleted: (id: string, role: string) => void named.push(`${id} lost ${role}`),
  };
  const onInteraction = () => Promise.reject(new Error('nobody asks'));
  const options = { token: discord.token, apiBase, client, onInteraction, presence, log };
  const gateways: Gateway[] = [startGateway(options)];
  const [guild] = [...discord.world.guilds.keys()];
  try {
    await gateways[0]?.ready;
    const roles = discord.world.guilds.get(guild ?? '')?.roles.map(({ id }) => id) ?? [];
    emit(discord.world, 'GUILD_CREATE', { id: guild, unavailable: true });
    emit(discord.world, 'GUILD_ROLE_DELETE', { guild_id: guild, role_id: '7' });
    await expect.poll(() => named).toEqual([`${guild} has ${roles.join(' ')}`, `${guild} lost 7`]);
    expect(roles).toContain(guild);
    emit(discord.world, 'GUILD_DELETE', { id: guild, unavailable: true });
    removeBot(discord.world);
    await expect.poll(() => heard).toEqual(['all 1', `removed ${guild}`]);
    gateways.push(startGateway(options));
    await gateways[1]?.ready;
    expect(heard.slice(2)).toEqual(['all 0']);
    await gateways[1]?.stop();
    addBot(discord.world);
    await expect.poll(() => heard.slice(3)).toEqual([`added ${guild}`]);
  } finally {
    await Promise.all(gateways.map((one) => one.stop()));
    client.close();
    await discord.close();
  }
});

test('a server is left once and returned to once, in the order in which Discord said so, while the database is away too', async () => {
  const guild = newSnowflake();
  await aServer(db, { guild });
  let failures = 2;
  const shaky: Rpc = async (...call) => {
    failures -= 1;
    if (failures >= 0) throw new RemoteFailure('away', { service: 'database', code: 'away', retry: 'soon' });
    return db.rpc(...call);
  };
  const presence = recordPresence({ rpc: shaky, log, backoffMs: 5 });
  presence.removed(guild);
  presence.removed(guild);
  presence.added(guild);
  presence.removed(guild);
  presence.added(guild);
  await presence.settled();
  expect(await hasLeft(guild)).toBe(false);
  expect(await factsOf(guild)).toEqual(['guild.left', 'guild.returned', 'guild.left', 'guild.returned']);
});

test('a command shows that the bot was added again; a press on a message from before does not', async () => {
  const guild = newSnowflake();
  await aServer(db, { guild });
  await db.rpc('leave_guild', { guild_id: guild });
  const act = (command: string) => db.rpc('read_settings', { actor: anActor({ guild, command }) });
  await act('/config key');
  expect(await hasLeft(guild)).toBe(true); // given before the removal
  await moveClock(db.sql, 5001);
  for (const command of ['button confirm', 'button reject-reason', 'button key-enter']) await act(command);
  expect(await hasLeft(guild)).toBe(true);
  await act('/config key');
  expect(await hasLeft(guild)).toBe(false);
});

test('what was missed while nobody listened is caught up with; a list of another bot says nothing', async () => {
  const [here, gone, back] = [newSnowflake(), newSnowflake(), newSnowflake()];
  for (const guild of [here, gone, back]) await aServer(db, { guild });
  await db.rpc('leave_guild', { guild_id: back });
  const known = (await db.sql`select guild_id from public.guilds`).map(({ guild_id: id }) => String(id));
  const presence = recordPresence({ rpc: db.rpc, log });
  presence.all([newSnowflake()]);
  await presence.settled();
  expect([await hasLeft(gone), await hasLeft(back)]).toEqual([false, true]);
  presence.all([...known.filter((id) => id !== gone), newSnowflake()]);
  await presence.settled();
  expect([await hasLeft(here), await hasLeft(gone), await hasLeft(back)]).toEqual([false, true, false]);
});

describe('a role that was deleted', () => {
  const ROLE = '300000000000000055';
  /** Whether somebody with Manage Server, who holds none of the roles, may confirm. */
  const mayConfirm = async (guild: string) => {
    const answer = await canI(db.rpc, anAdmin({ guild }));
    return answer.kind === 'answers' && answer.operations.some((one) => one.operation === 'task.confirm' && one.may);
  };
  async function namedEverywhere() {
    const guild = newSnowflake();
    await aServer(db, { guild });
    const admin = anAdmin({ guild });
    await changeSettings(db.rpc, admin, { create_roles: [CREATE_ROLE, ROLE], confirm_roles: [ROLE] });
    await changeGrant(db.rpc, admin, { give: true, role_id: ROLE, role: 'viewer' });
    await changeGrant(db.rpc, admin, { give: true, role_id: CREATE_ROLE, role: 'viewer' });
    await changeBudget(db.rpc, admin, { kind: 'role', id: ROLE, per_day: 1 });
    expect(await mayConfirm(guild)).toBe(false);
    return guild;
  }
  async function left(guild: string) {
    const answer = await readSettings(db.rpc, anAdmin({ guild }));
    if (answer.kind !== 'settings') throw new Error(answer.kind);
    const [budgets] = await db.sql`select count(*)::int from verne.budgets where guild_id = ${guild}`;
    const { create_roles, confirm_roles, grants } = answer;
    return { create_roles, confirm_roles, grants: grants.map(({ role_id }) => role_id), budgets: budgets?.['count'] };
  }
  const dropsOf = (guild: string) =>
    db.sql`select door, outcome from verne.audit where guild_id = ${guild} and args ? 'deleted_roles'`;
  const WITHOUT = { create_roles: [CREATE_ROLE], confirm_roles: [], grants: [CREATE_ROLE], budgets: 0 };

  test('is named nowhere any more: with the last of a list, Manage Server may again', async () => {
    const [guild, other] = [await namedEverywhere(), await namedEverywhere()];
    const presence = recordPresence({ rpc: db.rpc, log });
    presence.roleDeleted(guild, newSnowflake());
    presence.roleDeleted(guild, ROLE);
    presence.roleDeleted(guild, ROLE);
    await presence.settled();
    expect(await left(guild)).toEqual(WITHOUT);
    expect(await mayConfirm(guild)).toBe(true);
    expect(await dropsOf(guild)).toEqual([{ door: 'gateway', outcome: 'allowed' }]);
    expect(await mayConfirm(other)).toBe(false);
  });

  test('while nobody listened is missed at the next connection, by a list that is whole', async () => {
    const guild = await namedEverywhere();
    const presence = recordPresence({ rpc: db.rpc, log });
    presence.roles(guild, []);
    presence.roles(guild, [CREATE_ROLE]);
    presence.roles(guild, [guild, CREATE_ROLE, ROLE]);
    await presence.settled();
    expect(await dropsOf(guild)).toEqual([]);
    presence.roles(guild, [guild, CREATE_ROLE]);
    await presence.settled();
    expect(await left(guild)).toEqual(WITHOUT);
  });

  test('of which nobody told is no silent lock: the refusal says who can name others, and they can', async () => {
    const guild = await namedEverywhere();
    const task = await aTask(db, aRequester({ guild }));
    const refused = await decideTask(db.rpc, anAdmin({ guild }), { taskId: taskId(task.id), verb: 'confirm' });
    if (refused.kind !== 'not_permitted') throw new Error(refused.kind);
    const sentence = JSON.stringify(toResponse(refusedByGate(refused)));
    expect(sentence).toContain(`<@&${ROLE}>`);
    expect(sentence).toMatch(/Manage Server to change it with `\/config roles`, also where one of them was deleted/);
    await changeSettings(db.rpc, anAdmin({ guild }), { confirm_roles: [] });
    expect(await mayConfirm(guild)).toBe(true);
  });
});

test('a command of a server that was left brings it back, but not one that was under way then, nor an operator', async () => {
  const guild = newSnowflake();
  await aServer(db, { guild });
  const ask = (facts: object = {}) => db.rpc('read_settings', { actor: anActor({ guild, ...facts }) });
  await db.rpc('leave_guild', { guild_id: guild });
  await ask();
  expect(await hasLeft(guild)).toBe(true);
  await moveClock(db.sql, 6000);
  await ask({ door: 'operator' });
  expect(await hasLeft(guild)).toBe(true);
  await ask();
  expect(await hasLeft(guild)).toBe(false);
  expect(await factsOf(guild)).toEqual(['guild.left', 'guild.returned']);
});
