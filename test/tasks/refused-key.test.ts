import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { renderNote } from '#discord/cards/notes.ts';
import { renderTaskCard } from '#discord/cards/task.ts';
import { RemoteFailure } from '#kernel/errors.ts';
import { taskId } from '#kernel/ids.ts';
import { openSession } from '#tasks/open-session.ts';
import { readTask } from '#tasks/read-task.ts';
import type { TaskView } from '#tasks/task.ts';
import { moveClock } from '../support/clock.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import {
  aDelivery,
  anAdmin,
  anApprover,
  aServer,
  aTask,
  type FakeJules,
  fakeJules,
  someSources,
  WINDOWS,
} from '../support/tasks.ts';

let db: TestDatabase;
let jules: FakeJules;
let guild = '970000000000000100';
let used: string[];
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());
beforeEach(() => {
  guild = String(BigInt(guild) + 1n);
  jules = fakeJules();
  used = [];
});

const refusal = (code: number | string) =>
  new RemoteFailure('API key not valid.', { service: 'jules', code, retry: 'never' });
/** Every call with these keys is refused; those of others are made. */
function refuse(code: number | string, ...refused: string[]) {
  const { create, list } = jules;
  const guard = (key: string) => {
    if (refused.includes(key)) throw refusal(code);
  };
  jules.create = async (key, wish, options) => {
    const mayBegin = async () => {
      const may = await options.mayBegin();
      if (!may) return false;
      guard(key);
      used.push(key);
      return true;
    };
    return create(key, wish, { ...options, mayBegin });
  };
  jules.list = async (key, ...rest) => {
    guard(key);
    return list(key, ...rest);
  };
}
const open = ({ id }: TaskView) =>
  openSession({ rpc: db.rpc, sessions: jules, windows: WINDOWS }, aDelivery('task', id));
const view = async ({ id }: TaskView) => readTask(db.rpc, taskId(id));
const keyOf = async ({ id }: TaskView) =>
  (await db.sql`select key_id, phase, attempts from verne.sessions where task_id = ${id}`)[0];

async function aKey({ person = null as string | null, last4 = '9z9z', atOnce = 15, pool = {} } = {}) {
  const id = crypto.randomUUID();
  const sealed = {
    id,
    sealed: 's',
    wrapped: 'w',
    kek_version: '1',
    last4,
    fingerprint: id,
    per_day: 100,
    at_once: atOnce,
  };
  const actor = person === null ? anAdmin({ guild }) : anApprover({ guild, id: person });
  const owner = person === null ? 'server' : 'person';
  await db.rpc('store_key', { actor, owner, sealed: { ...sealed, beside: true, ...pool } });
  await someSources(db, id);
  return id;
}
const aGuild = async (facts = {}) => {
  const key = await aServer(db, { guild, ...facts });
  await someSources(db, key);
  return key;
};
const accountOf = async (key: string) =>
  (await db.sql`select account_id from verne.keys where id = ${key}`)[0]?.['account_id'];
const rule = (key_rule: string) => db.sql`update public.guilds set key_rule = ${key_rule} where guild_id = ${guild}`;
const told = (key: string) =>
  db.sql`select place_id, facts from verne.messages where view = 'key_refused' and subject = ${`key:${key}`}`;

test.each([
  ['server', true],
  ['person', false],
] as const)(
  'who entered the key of a %s is told of its refusal, but of a server that removed the bot (%s)',
  async (owner, isParked) => {
    await aGuild();
    const key = await aKey({ person: owner === 'person' ? '100000000000000088' : null });
    await db.rpc('leave_guild', { guild_id: guild });
    await db.rpc('record_account_problem', {
      account_id: await accountOf(key),
      key_id: key,
      problem: 'API key not valid.',
    });
    const [note] =
      await db.sql`select parked_reason is not null as parked from verne.messages where subject = ${`key:${key}`} and view = 'key_refused'`;
    expect(note).toEqual({ parked: isParked });
  },
);

test('tasks of a refused key wait without a place, are told so, and go on when it works again (O15)', async () => {
  const key = await aGuild({ atOnce: 1 });
  const [first, second] = [await aTask(db, anApprover({ guild })), await aTask(db, anApprover({ guild }))];
  refuse(401, key);
  await open(first);
  for (const task of [first, second]) {
    expect(await view(task)).toMatchObject({
      status: 'in_progress',
      last_error: 'API key not valid.',
      session: { phase: 'queued', queue: { because: 'key' } },
    });
  }
  const account = await accountOf(key);
  await db.rpc('check_account', { account_id: account });
  expect((await view(first))?.session?.phase).toBe('queued');
  expect(used).toEqual([]);
  await db.rpc('record_account_problem', { account_id: account, key_id: key, problem: 'API key not valid.' });
  expect(await told(key)).toMatchObject([{ facts: { last4: '1a2b', problem: 'API key not valid.' } }]);
  await db.rpc('record_sweep', { account_id: account, seen: [] });
  expect((await view(first))?.session?.phase).toBe('opening');
  expect((await view(second))?.session?.queue).toMatchObject({ place: 1, because: 'at_once' });
  await db.rpc('record_account_problem', { account_id: account, key_id: key, problem: 'API key not valid.' });
  expect(await told(key)).toHaveLength(2);
});

test.each([401, 'no_key'])(
  'with the rule to move, what was never attempted moves to another key of the server (%s)',
  async (code) => {
    const key = await aGuild();
    await rule('move');
    const tasks = [await aTask(db, anApprover({ guild })), await aTask(db, anApprover({ guild }))];
    const [moved, attempted] = tasks;
    if (!moved || !attempted) throw new Error('no tasks');
    await db.sql`update verne.sessions set attempts = 1 where task_id = ${attempted.id}`;
    const spare = await aKey();
    if (code === 'no_key') await db.rpc('remove_key', { actor: anAdmin({ guild }), owner: 'server', last4: '1a2b' });
    refuse(code, key);
    await open(moved);
    expect(await keyOf(moved)).toMatchObject({ key_id: spare, phase: 'opening' });
    expect(await keyOf(attempted)).toMatchObject({ key_id: key });
    expect((await view(moved))?.key).toEqual({ owner: 'server', last4: '9z9z' });
    await open(moved);
    expect(used).toEqual([spare]);
    const entries =
      await db.sql`select p.discord_id, a.door, a.args from verne.audit a join verne.people p on p.ref = a.person
      where a.guild_id = ${guild} and a.operation = 'task.move'`;
    const args = { task: moved.id, number: moved.number, key_of: 'server', last4: '9z9z' };
    expect(entries).toEqual([{ discord_id: 'verne', door: 'worker', args }]);
  },
);

test('of several spare keys the one with room today takes what moves, not the oldest', async () => {
  const key = await aGuild();
  await rule('move');
  const task = await aTask(db, anApprover({ guild }));
  const [full, free] = [await aKey({ last4: 'full' }), await aKey({ last4: 'free' })];
  await db.sql`update verne.accounts set per_day = 0 where id = (select account_id from verne.keys where id = ${full})`;
  refuse(401, key);
  await open(task);
  expect(await keyOf(task)).toMatchObject({ key_id: free, phase: 'opening' });
});

test('a refusal of one task alone fails it, and says nothing against the key', async () => {
  const key = await aGuild();
  const [task, other] = [await aTask(db, anApprover({ guild })), await aTask(db, anApprover({ guild }))];
  jules.failing.set('create', refusal(403));
  await open(task);
  expect(await view(task)).toMatchObject({ status: 'failed' });
  expect((await view(other))?.session?.phase).toBe('opening');
  expect(await told(key)).toEqual([]);
});

test('a task of unknown outcome whose key was deleted is left to a person, and never begun with another key (K14)', async () => {
  await aGuild();
  await rule('move');
  const person = '100000000000000777';
  const own = await aKey({ person });
  const task = await aTask(db, anApprover({ guild, id: person }));
  jules.failing.set(
    'after create',
    new RemoteFailure('lost', { service: 'jules', code: 'timeout', retry: 'soon', unknownOutcome: true }),
  );
  await open(task);
  await db.rpc('remove_key', { actor: anApprover({ guild, id: person }), owner: 'person' });
  refuse('no_key', own);
  for (let look = 0; look < 3; look += 1) await open(task);
  const left = await view(task);
  expect(left).toMatchObject({ status: 'in_progress', session: { phase: 'unsure' } });
  const card = JSON.stringify(left && renderTaskCard(left).embeds);
  expect(card).toContain('its Jules key is gone since');
  expect(card).not.toMatch(/three attempts/i);
  expect(await keyOf(task)).toMatchObject({ key_id: own });
  expect(used).toEqual([]);
  expect(jules.calls.filter((call) => call === 'create')).toHaveLength(1);
  const notes =
    await db.sql`select facts from verne.messages where subject = ${`task:${task.id}`} and view = 'outcome'`;
  expect(notes).toMatchObject([{ facts: { phase: 'unsure' } }]);
  const said = renderNote({ view: 'outcome', facts: notes[0]?.['facts'] }, left).content;
  expect(said).toMatch(/the key is gone since, so that it cannot look for it/);
  expect(said).not.toMatch(/three times/);
});

test('the own key comes first, then the nearest pool and the one with most room; never that of another person (T16)', async () => {
  const everybody = await aGuild({ atOnce: 3 });
  const more = await aKey({ atOnce: 15 });
  const [person, role, channel] = ['100000000000000778', '300000000000000009', '200000000000000009'];
  const ofRole = await aKey({ pool: { role_id: role } });
  const ofChannel = await aKey({ pool: { channel_id: channel } });
  const own = await aKey({ person });
  const taken = async (facts: Parameters<typeof anApprover>[0]) =>
    (await keyOf(await aTask(db, anApprover({ guild, ...facts }))))?.['key_id'];
  const roles = anApprover().roles;
  expect(await taken({ id: person, channel, roles: [...roles, role] })).toBe(own);
  expect(await taken({ channel, roles: [...roles, role] })).toBe(ofChannel);
  expect(await taken({ roles: [...roles, role] })).toBe(ofRole);
  const plain: unknown[] = [];
  for (let nth = 0; nth < 18; nth += 1) plain.push(await taken({ id: String(100_000_000_000_001_000n + BigInt(nth)) }));
  expect(plain.filter((key) => key === everybody)).toHaveLength(3);
  expect(plain.filter((key) => key === more)).toHaveLength(15);
  const entries =
    await db.sql`select a.args ->> 'key_id' as told, t.key_id::text as taken, a.args ->> 'key_owner' as owner
    from verne.audit a join public.tasks t on t.id::text = a.args ->> 'task'
    where a.guild_id = ${guild} and a.operation = 'task.create' order by a.seq`;
  expect(entries.map(({ told }) => told)).toEqual(entries.map(({ taken }) => taken));
  expect(entries.map(({ owner }) => owner)).toEqual(['person', ...Array(20).fill('server')]);
});

describe('a key that is used up', () => {
  const HOUR_MS = 3_600_000;
  const exhausted = (key: string) =>
    db.sql`select place, place_id, facts from verne.messages where view = 'key_exhausted' and subject = ${`key:${key}`} order by created_at`;

  test('for the day is named to who entered it when tasks wait for it, once in 24 hours however many do', async () => {
    const key = await aGuild({ perDay: 2 });
    const first = await aTask(db, anApprover({ guild }));
    await aTask(db, anApprover({ guild }));
    expect(await exhausted(key)).toEqual([]);
    for (let at = 0; at < 3; at += 1) await aTask(db, anApprover({ guild }));
    const [note, ...more] = await exhausted(key);
    expect(more).toEqual([]);
    expect(note).toMatchObject({
      place: 'dm',
      place_id: anAdmin().id,
      facts: { last4: '1a2b', used: 2, per_day: 2, why: null },
    });
    const backAt = new Date(String(note?.['facts'].back_at)).getTime() - 24 * HOUR_MS;
    expect(Math.abs(backAt - first.now.getTime())).toBeLessThan(10_000);
    const shown =
      await db.sql`select 1 from verne.deliveries where subscriber = 'discord.show' and key = ${`key:${key}`}`;
    expect(shown).toHaveLength(1);
    await moveClock(db.sql, 23 * HOUR_MS);
    await aTask(db, anApprover({ guild }));
    expect(await exhausted(key)).toHaveLength(1);
    await moveClock(db.sql, 2 * HOUR_MS);
    for (let at = 0; at < 3; at += 1) await aTask(db, anApprover({ guild }));
    expect(await exhausted(key)).toHaveLength(2);
    await moveClock(db.sql, -25 * HOUR_MS);
  });

  test('at once, or by tasks of a paused server alone, is no news', async () => {
    const key = await aGuild({ perDay: 2, atOnce: 1 });
    await aTask(db, anApprover({ guild }));
    await aTask(db, anApprover({ guild }));
    expect(await exhausted(key)).toEqual([]);
    await db.sql`update public.guilds set paused_at = verne.now(), paused_by = '1' where guild_id = ${guild}`;
    await db.sql`update verne.accounts set per_day = 1 where id = (select account_id from verne.keys where id = ${key})`;
    await db.rpc('check_account', { account_id: await accountOf(key) });
    expect(await exhausted(key)).toEqual([]);
    await db.sql`update public.guilds set paused_at = null, paused_by = null where guild_id = ${guild}`;
    await db.rpc('check_account', { account_id: await accountOf(key) });
    expect(await exhausted(key)).toHaveLength(1);
  });

  test('by Jules’s own word is named when it says so twice: once may mean too fast', async () => {
    const key = await aGuild();
    const task = await aTask(db, anApprover({ guild }));
    const busy = new RemoteFailure('Jules answered 429', {
      service: 'jules',
      code: 429,
      retry: 'soon',
      uncounted: true,
    });
    for (const told of [0, 1, 1]) {
      jules.failing.set('create', busy);
      expect(await open(task)).toMatchObject({ kind: 'retry', uncounted: true });
      expect(await exhausted(key)).toHaveLength(told);
    }
    expect(await exhausted(key)).toMatchObject([{ facts: { why: 'Jules answered 429', used: 1, per_day: 100 } }]);
    expect(await told(key)).toEqual([]);
  });
});
