import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { renderTaskCard } from '#discord/cards/task.ts';
import { pauseGuild, pauseService } from '#guilds/pause.ts';
import { changeSettings } from '#guilds/settings.ts';
import type { Actor } from '#kernel/actor.ts';
import { done } from '#kernel/handler.ts';
import { taskId } from '#kernel/ids.ts';
import { decideTask } from '#tasks/decide-task.ts';
import { expireTask } from '#tasks/expire-task.ts';
import { mayDecide } from '#tasks/may-decide.ts';
import { readTask } from '#tasks/read-task.ts';
import type { TaskDecision } from '#tasks/task.ts';
import { anActor } from '../support/actors.ts';
import { moveClock } from '../support/clock.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { aDelivery, anAdmin, anApprover, aRequester, aServer, aTask } from '../support/tasks.ts';

let db: TestDatabase;
let guild = '940000000000000000';
beforeAll(async () => {
  db = await freshDatabase();
});
beforeEach(async () => {
  guild = String(BigInt(guild) + 1n);
  await aServer(db, { guild });
});
afterAll(() => db.close());

const HOUR_MS = 3_600_000;
const [HERE, THERE, THREAD] = ['400000000000000001', '400000000000000002', '400000000000000003'];
const admin = () => anAdmin({ guild });
const approver = (facts: Partial<Actor> = {}) => anApprover({ guild, ...facts });
const requester = (facts: Partial<Actor> = {}) => aRequester({ guild, ...facts });
const operator = anActor({ id: 'operator', guild: null, door: 'operator', admin: true });

async function decide(id: string, verb: TaskDecision, actor = approver()) {
  const decision = { taskId: taskId(id), verb, ...(verb === 'reject' && { reason: 'no' }) };
  const asked = await mayDecide(db.rpc, actor, decision);
  const decided = await decideTask(db.rpc, actor, decision);
  const expected = decided.kind === 'decided' ? 'allowed' : decided.kind;
  expect(asked.kind).toBe(expected); // a dialog is opened for what would be done, and for nothing else
  return decided;
}
const keepTo = (kind: 'repo' | 'branch' | 'channel', pattern: string) =>
  db.rpc('change_allow_list', { actor: admin(), kind, pattern, give: true });
const statusOf = async (id: string) => (await readTask(db.rpc, taskId(id)))?.status;

describe('what a server keeps to', () => {
  test.each([
    ['repo', 'safe/*'],
    ['branch', 'release/*'],
    ['channel', THERE],
  ] as const)(
    'holds for what waits, too: of a %s that was closed meanwhile nothing is confirmed',
    async (kind, pattern) => {
      const { id } = await aTask(db, requester({ channel: HERE }));
      const other = await aTask(db, requester({ channel: HERE }));
      await keepTo(kind, pattern);
      expect(await decide(id, 'confirm')).toMatchObject({ kind: 'out_of_bounds', what: kind, allowed: [pattern] });
      expect(await statusOf(id)).toBe('pending_confirmation');
      expect(await decide(id, 'reject')).toMatchObject({ kind: 'decided' });
      expect(await decide(other.id, 'cancel', requester())).toMatchObject({ kind: 'decided' });
    },
  );

  test('is asked of the channel where the task was asked, not of where somebody presses', async () => {
    const { id } = await aTask(db, requester({ channel: THREAD, parent_channel: HERE }));
    await keepTo('channel', HERE);
    const inThread = approver({ channel: THREAD, parent_channel: HERE });
    expect(await decide(id, 'confirm', inThread)).toMatchObject({ kind: 'decided' });
  });

  test('of another server’s task tells nothing', async () => {
    const { id } = await aTask(db, requester());
    const elsewhere = String(BigInt(guild) + 1_000_000n);
    await aServer(db, { guild: elsewhere });
    await db.rpc('change_allow_list', {
      actor: anAdmin({ guild: elsewhere }),
      kind: 'repo',
      pattern: 'safe/*',
      give: true,
    });
    expect(await decide(id, 'confirm', approver({ guild: elsewhere }))).toEqual({ kind: 'unknown_task' });
  });
});

test('a right to confirm in one channel is measured by where the task was asked, not by where its holder presses', async () => {
  const role = '300000000000000077';
  const grant = { give: true, role_id: role, operation: 'task.confirm', channel_id: HERE };
  await db.rpc('change_grant', { actor: admin(), wish: grant });
  const holder = (channel: string, parent: string | null = null) =>
    approver({ id: '100000000000000055', roles: [role], channel, parent_channel: parent });
  const foreign = await aTask(db, requester({ channel: THERE }));
  expect(await decide(foreign.id, 'confirm', holder(HERE))).toMatchObject({ kind: 'not_permitted' });
  expect(await decide(foreign.id, 'confirm', holder(THREAD, HERE))).toMatchObject({ kind: 'not_permitted' });
  const mine = await aTask(db, requester({ channel: HERE }));
  expect(await decide(mine.id, 'confirm', holder(THERE))).toMatchObject({ kind: 'decided' });
});

const turns = [
  ['of the server', (isOn: boolean) => pauseGuild(db.rpc, admin(), isOn)],
  ['of the service', (isOn: boolean) => pauseService(db.rpc, operator, isOn)],
] as const;

describe('a pause', () => {
  test.each(turns)('%s refuses what would begin, and lets people reject and cancel', async (_whose, turn) => {
    const tasks = [await aTask(db, requester()), await aTask(db, requester()), await aTask(db, requester())];
    const [one = '', two = '', three = ''] = tasks.map(({ id }) => id);
    await turn(true);
    expect(await decide(one, 'confirm')).toMatchObject({ kind: 'paused' });
    expect(await decide(two, 'reject')).toMatchObject({ kind: 'decided' });
    expect(await decide(three, 'cancel', requester())).toMatchObject({ kind: 'decided' });
    await turn(false);
    expect(await decide(one, 'confirm')).toMatchObject({ kind: 'decided' });
  });
});

const expire = (id: string) => expireTask({ rpc: db.rpc }, aDelivery('task', id));
const untilOf = async (id: string) => (await readTask(db.rpc, taskId(id)))?.policy.expires_at?.getTime() ?? 0;
async function faceOf(id: string) {
  const task = await readTask(db.rpc, taskId(id));
  return JSON.stringify(task && renderTaskCard(task).embeds);
}

describe('the hours of what waits', () => {
  beforeEach(() => changeSettings(db.rpc, admin(), { expire_hours: 2 }));

  test.each(turns)('stand still in a pause %s, and go on after it', async (_whose, turn) => {
    const { id } = await aTask(db, requester());
    const until = await untilOf(id);
    await moveClock(db.sql, HOUR_MS);
    await turn(true);
    await moveClock(db.sql, 30 * HOUR_MS);
    expect(await expire(id)).toMatchObject({ kind: 'wait' });
    expect(await decide(id, 'confirm')).toMatchObject({ kind: 'paused' });
    expect(await faceOf(id)).toContain('not while Verne is paused');
    await turn(false);
    const later = await untilOf(id);
    expect(later - until).toBeGreaterThanOrEqual(30 * HOUR_MS);
    expect(later - until).toBeLessThan(30 * HOUR_MS + 60_000);
    expect(await faceOf(id)).toContain(`<t:${Math.floor(later / 1000)}`);
    expect(await expire(id)).toEqual({ kind: 'wait', until: new Date(later) });
    await moveClock(db.sql, HOUR_MS + 1);
    expect(await expire(id)).toEqual(done);
    expect(await statusOf(id)).toBe('expired');
  });

  test('count two pauses at the same time once', async () => {
    const { id } = await aTask(db, requester());
    const until = await untilOf(id);
    for (const [hours, [, turn], isOn] of [
      [0, turns[0], true],
      [4, turns[1], true],
      [2, turns[0], false],
      [4, turns[1], false],
    ] as const) {
      await moveClock(db.sql, hours * HOUR_MS);
      await turn(isOn);
    }
    expect(Math.round(((await untilOf(id)) - until) / 60_000)).toBe(10 * 60);
  });

  test('that were over before the pause are over in it, too', async () => {
    const { id } = await aTask(db, requester());
    await moveClock(db.sql, 2 * HOUR_MS + 1);
    await pauseGuild(db.rpc, admin(), true);
    expect(await expire(id)).toEqual(done);
    expect(await statusOf(id)).toBe('expired');
  });

  test('go on where a server removed the bot', async () => {
    const { id } = await aTask(db, requester());
    await db.rpc('leave_guild', { guild_id: guild });
    await moveClock(db.sql, 2 * HOUR_MS + 1);
    expect(await expire(id)).toEqual(done);
  });

  test('are told anew on the card at both ends of a pause, and looked at once a minute within it', async () => {
    const { id } = await aTask(db, requester());
    const told = async () => {
      const [row] =
        await db.sql`select count(*)::int as n from verne.events where key = ${`task:${id}`} and topic = 'task.updated'`;
      return row?.['n'];
    };
    for (const [times, isOn] of [
      [1, true],
      [2, false],
    ] as const) {
      await pauseGuild(db.rpc, admin(), isOn);
      await db.rpc('resume_guild', { guild_id: guild });
      expect(await told()).toBe(times);
    }
    await moveClock(db.sql, 2 * HOUR_MS - 5000);
    await pauseGuild(db.rpc, admin(), true);
    const answer = await expire(id);
    const [row] = await db.sql<[{ now: Date }]>`select verne.now() as now`;
    const until = answer.kind === 'wait' ? answer.until.getTime() : 0;
    expect(until - row.now.getTime()).toBeGreaterThan(50_000);
  });
});

test('an expiry is in the audit, once, with who did it: nobody but Verne', async () => {
  const { id, number } = await aTask(db, requester());
  await moveClock(db.sql, 73 * HOUR_MS);
  await expire(id);
  await expire(id);
  const entries =
    await db.sql`select p.discord_id, a.door, a.outcome, a.args from verne.audit a join verne.people p on p.ref = a.person
    where a.guild_id = ${guild} and a.operation = 'task.expire'`;
  expect(entries).toEqual([{ discord_id: 'verne', door: 'worker', outcome: 'allowed', args: { task: id, number } }]);
});
