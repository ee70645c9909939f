import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { renderTaskCard } from '#discord/cards/task.ts';
import { pauseGuild } from '#guilds/pause.ts';
import { RemoteFailure } from '#kernel/errors.ts';
import { taskId } from '#kernel/ids.ts';
import { decideTask } from '#tasks/decide-task.ts';
import { followSession } from '#tasks/follow-session.ts';
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

const HOUR_MS = 3_600_000;
const LOST = { service: 'jules', code: 'network', retry: 'soon', unknownOutcome: true } as const;

let db: TestDatabase;
let jules: FakeJules;
let guild = '960000000000000100';
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());
beforeEach(() => {
  jules = fakeJules();
  guild = String(BigInt(guild) + 10n);
});

const deps = () => ({ rpc: db.rpc, sessions: jules, windows: WINDOWS });
const now = async () => (await db.sql`select verne.now() as now`)[0]?.['now'] as Date;
const open = async ({ id }: TaskView) => openSession(deps(), aDelivery('task', id, { now: await now() }));
const follow = async ({ id }: TaskView) => followSession(deps(), aDelivery('task', id, { now: await now() }));
const view = async ({ id }: TaskView) => readTask(db.rpc, taskId(id));
const phase = async (task: TaskView) => (await view(task))?.session?.phase;
const queue = async (task: TaskView) => (await view(task))?.session?.queue;
const ask = (of = guild) => aTask(db, anApprover({ guild: of }));
const cancel = (task: TaskView) =>
  decideTask(db.rpc, anApprover({ guild }), { taskId: taskId(task.id), verb: 'cancel' });
const accountOf = async ({ id }: TaskView) =>
  String((await db.sql`select account_id from public.tasks where id = ${id}`)[0]?.['account_id']);
const sweep = async (task: TaskView) => db.rpc('check_account', { account_id: await accountOf(task) });
const creates = () => jules.calls.filter((call) => call === 'create').length;
async function titleOf(task: TaskView) {
  const found = await view(task);
  const [embed] = (found && renderTaskCard(found).embeds) ?? [];
  return `${embed?.title}: ${embed?.description}`;
}

/** Jules has made a plan and dropped it, since nobody approved it. */
async function drop(task: TaskView) {
  const [{ name } = { name: null }] = await db.sql`select name from verne.sessions where task_id = ${task.id}`;
  jules.sessions = jules.sessions.map((one) => (one.name === name ? { ...one, state: 'COMPLETED' } : one));
  jules.news = [
    {
      kind: 'planGenerated',
      name: `${name}/activities/1`,
      createTime: new Date(),
      description: null,
      artifacts: [],
      plan: { steps: [{ title: 'Look', description: null }] },
    },
  ];
  await follow(task);
  jules.news = [];
}

describe('a server that rests', () => {
  const rests = {
    'is paused': (of: string) => pauseGuild(db.rpc, anAdmin({ guild: of }), true) as Promise<unknown>,
    'removed the bot': (of: string) => db.rpc('leave_guild', { guild_id: of }),
  };
  const goesOn = {
    'is paused': (of: string) => pauseGuild(db.rpc, anAdmin({ guild: of }), false) as Promise<unknown>,
    'removed the bot': (of: string) => db.rpc('join_guild', { guild_id: of }),
  };
  type How = keyof typeof rests;

  test.each<How>(['is paused', 'removed the bot'])(
    'one that %s keeps no place of an account from others',
    async (how) => {
      const other = String(BigInt(guild) + 1n);
      for (const of of [guild, other])
        await someSources(db, await aServer(db, { guild: of, fingerprint: how, atOnce: 1 }));
      const mine = await ask();
      const theirs = await ask(other);
      expect([await phase(mine), await phase(theirs)]).toEqual(['opening', 'queued']);
      await rests[how](guild);
      await sweep(mine);
      expect([await phase(mine), await phase(theirs)]).toEqual(['queued', 'opening']);
      expect(await queue(mine)).toEqual({ because: 'paused' });
      expect(await titleOf(mine)).toMatch(/^⏸️ Confirmed, but Verne is paused: Verne is paused in this server/);
      await open(mine);
      await open(theirs);
      expect(creates()).toBe(1);
      await goesOn[how](guild);
      await sweep(mine);
      expect(await queue(mine)).toMatchObject({ place: 1, because: 'at_once' });
    },
  );

  test.each<How>(['is paused', 'removed the bot'])(
    'what waited at its plan where the server %s gives its place back when Jules drops it',
    async (how) => {
      const other = String(BigInt(guild) + 1n);
      for (const of of [guild, other])
        await someSources(db, await aServer(db, { guild: of, fingerprint: `plan ${how}`, atOnce: 1 }));
      const mine = await ask();
      const theirs = await ask(other);
      await open(mine);
      await rests[how](guild);
      await drop(mine);
      expect([await phase(mine), await phase(theirs)]).toEqual(['queued', 'opening']);
      await goesOn[how](guild);
      await db.sql`update verne.accounts set at_once = 2 where id = ${await accountOf(mine)}`;
      await sweep(mine);
      expect(await phase(mine)).toBe('opening');
    },
  );

  test('what nobody knows to have begun takes no place for ever', async () => {
    await someSources(db, await aServer(db, { guild, atOnce: 1 }));
    const unsure = await ask();
    const next = await ask();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      jules.failing.set('create', new RemoteFailure('the connection broke', LOST));
      await open(unsure);
      await moveClock(db.sql, WINDOWS.intentMs + 1000);
      await open(unsure);
    }
    expect([await phase(unsure), await phase(next)]).toEqual(['unsure', 'opening']);
  });
});

test('a session that lands when it was let go counts for its account like any other', async () => {
  await someSources(db, await aServer(db, { guild, atOnce: 1 }));
  const late = await ask();
  jules.failing.set('create', new RemoteFailure('the connection broke', LOST));
  await open(late);
  await moveClock(db.sql, WINDOWS.intentMs + 1000);
  await open(late); // looked for in vain
  await pauseGuild(db.rpc, anAdmin({ guild }), true);
  await sweep(late);
  expect(await phase(late)).toBe('queued');
  const opened = { name: `sessions/${guild}`, url: null, state: 'PLANNING', strays: [] };
  await db.rpc('record_opened', { task_id: late.id, opened });
  expect(await phase(late)).toBe('planning');
  const [use] = await db.sql`select today, running from verne.account_use(${await accountOf(late)})`;
  expect(use).toEqual({ today: 1, running: 1 });
});

describe('a session that is opened anew', () => {
  test('waits for a place of the day like any other, and its card says so', async () => {
    await someSources(db, await aServer(db, { guild, perDay: 1 }));
    const task = await ask();
    await open(task);
    await drop(task);
    expect(await queue(task)).toMatchObject({ place: 1, because: 'per_day' });
    expect(await titleOf(task)).toContain(
      'The plan of the last session expired before Verne could approve it. Place 1',
    );
    await open(task);
    expect(creates()).toBe(1);
    await moveClock(db.sql, 24 * HOUR_MS + 1000);
    await sweep(task);
    await open(task);
    expect(creates()).toBe(2);
  });

  test('passes no limit of the day, however long after the first: every creation counts from its own instant', async () => {
    await someSources(db, await aServer(db, { guild, perDay: 3, atOnce: 50 }));
    const first = [await ask(), await ask(), await ask()];
    for (const task of first) await open(task);
    await moveClock(db.sql, 25 * HOUR_MS); // a pause over a day, say
    for (const task of first) await drop(task);
    const late = [await ask(), await ask(), await ask()];
    for (const task of [...first, ...late]) await open(task);
    expect(creates()).toBe(6);
    expect(await Promise.all(late.map(phase))).toEqual(['queued', 'queued', 'queued']);
    const [use] = await db.sql`select today, running from verne.account_use(${await accountOf(first[0] as TaskView)})`;
    expect(use).toEqual({ today: 3, running: 3 });
  });

  test('goes before those that were asked for later', async () => {
    await someSources(db, await aServer(db, { guild, atOnce: 1 }));
    const [old, ...younger] = [await ask(), await ask(), await ask()];
    await open(old);
    await drop(old); // it was served last, and is the oldest of its person
    expect(await Promise.all([old, ...younger].map(phase))).toEqual(['opening', 'queued', 'queued']);
  });

  test('counts when Jules was asked, not when it was let in', async () => {
    await someSources(db, await aServer(db, { guild, perDay: 1, atOnce: 5 }));
    const [first, second] = [await ask(), await ask()];
    await moveClock(db.sql, 20 * HOUR_MS); // as long as Jules was away
    await open(first);
    await moveClock(db.sql, 5 * HOUR_MS);
    await sweep(second);
    expect(await phase(second)).toBe('queued');
    await moveClock(db.sql, 19 * HOUR_MS + 1000);
    await sweep(second);
    expect(await phase(second)).toBe('opening');
  });

  test('what is over for two days is not kept', async () => {
    await someSources(db, await aServer(db, { guild }));
    const task = await ask();
    await open(task);
    const kept = async () => db.sql`select from verne.creations where task_id = ${task.id}`;
    expect(await kept()).toHaveLength(1);
    await moveClock(db.sql, 49 * HOUR_MS);
    await sweep(task);
    expect(await kept()).toHaveLength(0);
  });
});

describe('a session that is cancelled', () => {
  test('keeps its place until Jules has stopped', async () => {
    await someSources(db, await aServer(db, { guild, atOnce: 1 }));
    const [running, next] = [await ask(), await ask()];
    await open(running);
    await cancel(running);
    jules.failing.set('archive', new RemoteFailure('down', { service: 'jules', code: 503, retry: 'soon' }));
    await follow(running);
    await sweep(next);
    expect(await queue(next)).toMatchObject({ place: 1, because: 'at_once' });
    await follow(running);
    expect([await phase(running), await phase(next)]).toEqual(['stopped', 'opening']);
  });

  test('and may still land, keeps its place until that is known', async () => {
    await someSources(db, await aServer(db, { guild, atOnce: 1 }));
    const [lost, next] = [await ask(), await ask()];
    jules.failing.set('create', new RemoteFailure('the connection broke', LOST));
    await open(lost);
    await cancel(lost);
    expect(await phase(next)).toBe('queued');
    await moveClock(db.sql, WINDOWS.intentMs + 1000);
    await open(lost);
    expect([await phase(lost), await phase(next)]).toEqual(['stopped', 'opening']);
  });

  test('and can never be archived, keeps its place for a day at most', async () => {
    await someSources(db, await aServer(db, { guild, atOnce: 1 }));
    const [running, next] = [await ask(), await ask()];
    await open(running);
    await cancel(running);
    await moveClock(db.sql, 24 * HOUR_MS + 1000);
    await sweep(next);
    expect(await phase(next)).toBe('opening');
  });
});
