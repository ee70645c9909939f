import { afterAll, beforeAll, expect, test } from 'vitest';
import { discordClient } from '#discord/client.ts';
import { type Gateway, startGateway } from '#discord/gateway.ts';
import { recordPresence } from '#guilds/presence.ts';
import { RemoteFailure } from '#kernel/errors.ts';
import { makeLog } from '#kernel/log.ts';
import type { Rpc } from '#kernel/rpc.ts';
import { addBot, removeBot } from '#sandbox/discord/membership.ts';
import { createDiscord } from '#sandbox/discord/server.ts';
import { emit } from '#sandbox/discord/world.ts';
import { anActor } from '../support/actors.ts';
import { moveClock } from '../support/clock.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { newSnowflake } from '../support/interaction.ts';
import { aServer } from '../support/tasks.ts';

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
  const presence = {
    all: (ids: readonly string[]) => void heard.push(`all ${ids.length}`),
    added: (id: string) => void heard.push(`added ${id}`),
    removed: (id: string) => void heard.push(`removed ${id}`),
  };
  const onInteraction = () => Promise.reject(new Error('nobody asks'));
  const options = { token: discord.token, apiBase, client, onInteraction, presence, log };
  const gateways: Gateway[] = [startGateway(options)];
  const [guild] = [...discord.world.guilds.keys()];
  try {
    await gateways[0]?.ready;
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
