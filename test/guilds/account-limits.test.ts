import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { addKey, type NewKey, removeKey } from '#guilds/add-key.ts';
import { readKeyring } from '#guilds/keyring.ts';
import type { Actor } from '#kernel/actor.ts';
import { anActor } from '../support/actors.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { anAdmin, aRequester, MASTER_KEYS } from '../support/tasks.ts';

let db: TestDatabase;
let nth = 0;
let [guild, elsewhere, key] = ['', '', ''];
beforeAll(async () => {
  db = await freshDatabase();
});
beforeEach(() => {
  nth += 1;
  guild = `9300000000000010${10 + nth}`;
  elsewhere = `9300000000000020${10 + nth}`;
  key = `AQ.the-one-key-number-${nth}`;
});
afterAll(() => db.close());

const POOL = { pool: { role: null, channel: null } } as const;
const enter = (actor: Actor, wish: Omit<NewKey, 'key'>) =>
  addKey({ rpc: db.rpc, keyring: readKeyring(MASTER_KEYS), perDay: 100, atOnce: 15 }, actor, { ...wish, key });

async function limits() {
  const [row] = await db.sql`select a.plan, a.per_day, a.at_once from verne.accounts a
    join verne.keys k on k.account_id = a.id order by k.added_at desc limit 1`;
  return [row?.['plan'], row?.['per_day'], row?.['at_once']].join(' ');
}
const lastOf = async (server: string) => {
  const [row] =
    await db.sql`select args, outcome from verne.audit where guild_id = ${server} order by seq desc limit 1`;
  return row;
};

test('a key that is entered again without a plan leaves the limits of its account alone', async () => {
  await enter(anAdmin({ guild }), { owner: 'server', plan: 'free', ...POOL });
  await enter(anAdmin({ guild }), { owner: 'person' });
  expect(await limits()).toBe('free 15 3');
  await enter(anAdmin({ guild }), { owner: 'server' });
  expect(await limits()).toBe('free 15 3');
  expect(await lastOf(guild)).toMatchObject({ args: { limits: 'kept' }, outcome: 'allowed' });
});

test('its plan is changed by the server that has it alone, and that is in its audit', async () => {
  await enter(anAdmin({ guild }), { owner: 'server', plan: 'free', ...POOL });
  expect(await enter(anAdmin({ guild }), { owner: 'server', plan: 'ultra', ...POOL })).toMatchObject({
    kind: 'stored',
    limits_kept: false,
  });
  expect(await limits()).toBe('ultra 300 60');
  expect(await lastOf(guild)).toMatchObject({ args: { plan: 'ultra', per_day: 300, at_once: 60 } });
});

test.each([
  ['higher', { perDay: 100_000, atOnce: 1000 }],
  ['lower', { perDay: 0, atOnce: 1 }],
])('whoever has the same key elsewhere makes the limits no %s, and is told so', async (_which, wished) => {
  await enter(anAdmin({ guild }), { owner: 'server', plan: 'free', ...POOL });
  const stranger = anAdmin({ guild: elsewhere, id: '100000000000000777' });
  for (const owner of ['person', 'server'] as const) {
    const outcome = await enter(stranger, { owner, limits: wished });
    expect(outcome).toMatchObject({ kind: 'stored', limits_kept: true });
    expect(await limits()).toBe('free 15 3');
  }
  expect(await lastOf(elsewhere)).toMatchObject({ args: { plan: 'custom', limits: 'kept' } });
  expect(await lastOf(guild)).toMatchObject({ args: { plan: 'free' } });
});

test('a person’s own key binds a server that enters it, too, but not that person', async () => {
  const person = aRequester({ guild });
  await enter(person, { owner: 'person' });
  await enter(anAdmin({ guild }), { owner: 'server', plan: 'ultra', ...POOL });
  expect(await limits()).toBe('custom 100 15');
  await removeKey(db.rpc, anAdmin({ guild }), 'server');
  await enter({ ...person, admin: true }, { owner: 'server', plan: 'pro', ...POOL });
  expect(await limits()).toBe('pro 100 15');
});

test('a key that nobody has any more binds nobody', async () => {
  await enter(anAdmin({ guild }), { owner: 'server', plan: 'free', ...POOL });
  await removeKey(db.rpc, anAdmin({ guild }), 'server');
  await enter(anAdmin({ guild: elsewhere }), { owner: 'server', plan: 'ultra', ...POOL });
  expect(await limits()).toBe('ultra 300 60');
});

test('whoever runs the service changes them for everybody, and each server that they are of has it in its audit', async () => {
  await enter(anAdmin({ guild }), { owner: 'server', plan: 'free', ...POOL });
  const operator = anActor({ id: 'operator', door: 'operator', guild: elsewhere, admin: true });
  await enter(operator, {
    owner: 'server',
    limits: { perDay: 50, atOnce: 5 },
    pool: { role: '300000000000000001', channel: null },
  });
  expect(await limits()).toBe('custom 50 5');
  const args = { plan: 'custom', per_day: 50, at_once: 5, last4: key.slice(-4) };
  expect((await lastOf(elsewhere))?.['args']).toEqual({ ...args, key_of: 'server', role: '300000000000000001' });
  expect((await lastOf(guild))?.['args']).toEqual(args);
});

test('two who enter one new key at once, with two plans, leave one of the plans, whole', async () => {
  await Promise.all([
    enter(anAdmin({ guild }), { owner: 'server', plan: 'free', ...POOL }),
    enter(anAdmin({ guild: elsewhere }), { owner: 'server', plan: 'ultra', ...POOL }),
  ]);
  expect(['free 15 3', 'ultra 300 60']).toContain(await limits());
});
