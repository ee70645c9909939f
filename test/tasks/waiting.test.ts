import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { pauseGuild } from '#guilds/pause.ts';
import type { Actor } from '#kernel/actor.ts';
import { taskId } from '#kernel/ids.ts';
import { decideTask } from '#tasks/decide-task.ts';
import { forgetPerson } from '#tasks/forget-person.ts';
import { type ListWish, listTasks } from '#tasks/list-tasks.ts';
import { readHistory } from '#tasks/read-history.ts';
import { readTaskMessages, sendAgain } from '#tasks/task-messages.ts';
import { operator } from '../../scripts/operator.ts';
import { moveClock } from '../support/clock.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { anAdmin, anApprover, aRequester, aServer, aTask, someSources } from '../support/tasks.ts';

let db: TestDatabase;
let guild = 910_000_000_000_000_000n;
const here = { guild: '' };
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());
/** Each test has a server of its own. */
beforeEach(async () => {
  guild += 1n;
  here.guild = String(guild);
  await someSources(db, await aServer(db, { ...here, perDay: 1000, atOnce: 1000 }), ['octo/repo', 'octo/other']);
});

const requester = (facts: Partial<Actor> = {}) => aRequester({ ...here, ...facts });
const approver = (facts: Partial<Actor> = {}) => anApprover({ ...here, ...facts });
const outsider = (facts: Partial<Actor> = {}) => requester({ id: '100000000000000009', roles: [], ...facts });
const PRIVATE = '200000000000000777';

async function list(actor: Actor, wish: Partial<ListWish> = {}) {
  const outcome = await listTasks(db.rpc, actor, { show: 'all', ...wish });
  if (outcome.kind !== 'tasks') throw new Error(outcome.kind);
  return outcome;
}
const numbers = async (actor: Actor, wish: Partial<ListWish> = {}) =>
  (await list(actor, wish)).tasks.map(({ task }) => task.number);
const waiting = async (actor: Actor) =>
  (await list(actor, { show: 'waiting' })).tasks.map(({ task, waits }) => [task.number, waits?.what]);
const confirm = (id: string) => decideTask(db.rpc, approver(), { taskId: taskId(id), verb: 'confirm' });
const turn = (id: string, phase: string) =>
  db.sql`update verne.sessions set phase = ${phase}, phase_since = verne.now() where task_id = ${id}`;

describe('who sees what', () => {
  test('everybody sees their own everywhere, and those of the channel where they look', async () => {
    await aTask(db, requester());
    await aTask(db, requester({ channel: PRIVATE }));
    expect(await numbers(requester())).toEqual([2, 1]);
    expect(await numbers(outsider())).toEqual([1]);
    expect(await numbers(outsider({ channel: PRIVATE }))).toEqual([2]);
    expect(await numbers(outsider({ channel: '200000000000000888', parent_channel: PRIVATE }))).toEqual([2]);
    expect(await numbers(outsider({ channel: PRIVATE }), { show: 'mine' })).toEqual([]);
  });

  test('what was asked in a thread is not shown in its channel', async () => {
    await aTask(db, requester({ channel: '200000000000000888', parent_channel: PRIVATE }));
    expect(await numbers(outsider({ channel: PRIVATE }))).toEqual([]);
  });

  test('who may confirm sees all of the server, and who may confirm for one repository sees that one', async () => {
    await aTask(db, requester({ channel: PRIVATE }));
    await aTask(db, requester({ channel: PRIVATE }), { repo: 'octo/other' });
    expect(await numbers(approver())).toEqual([2, 1]);
    await db.sql`insert into verne.grants (guild_id, role_id, operation, repo)
      values (${here.guild}, '300000000000000099', 'task.confirm', 'octo/other')`;
    const one = outsider({ roles: ['300000000000000099'] });
    expect(await numbers(one)).toEqual([2]);
    expect(await waiting(one)).toEqual([[2, 'decision']]);
    expect(await numbers(outsider())).toEqual([]);
  });

  test('nothing of another server is found, neither by a list nor by its number', async () => {
    const other = await aTask(db, requester());
    const elsewhere = String(guild + 500_000n);
    await aServer(db, { guild: elsewhere });
    const admin = anAdmin({ guild: elsewhere });
    const foreign = approver({ guild: elsewhere });
    for (const actor of [admin, foreign, requester({ guild: elsewhere })]) {
      for (const show of ['mine', 'all', 'waiting'] as const) expect(await numbers(actor, { show })).toEqual([]);
      expect((await readHistory(db.rpc, actor, { number: other.number, after: 0 })).kind).toBe('unknown_task');
      expect((await readTaskMessages(db.rpc, actor, { number: other.number, cursor: {} })).kind).toBe('unknown_task');
      const again = { number: other.number, message: '1', here: true };
      expect((await sendAgain(db.rpc, actor, again)).kind).toBe('unknown_task');
    }
    expect(
      (await list(foreign, { repo_ref: (await list(approver(), { repo: 'octo/repo' })).repo_ref ?? '' })).repo,
    ).toBe(null);
  });
});

describe('what waits', () => {
  test('waits for those who may do something about it, and for nobody else', async () => {
    const [pending, plan, question, expired] = [
      await aTask(db, requester()),
      await aTask(db, requester()),
      await aTask(db, requester()),
      await aTask(db, requester()),
    ];
    for (const { id } of [plan, question, expired]) await confirm(id);
    await turn(plan.id, 'plan_review');
    await turn(question.id, 'needs_input');
    await turn(expired.id, 'plan_expired');
    expect(await waiting(approver())).toEqual([
      [plan.number, 'plan'],
      [pending.number, 'decision'],
    ]);
    expect(await waiting(requester())).toEqual([
      [expired.number, 'plan_again'],
      [question.number, 'answer'],
    ]);
    expect(await waiting(outsider())).toEqual([]);
  });

  test('words that Jules could not be told wait until something else is said', async () => {
    const { id, number } = await aTask(db, requester());
    await confirm(id);
    await turn(id, 'working');
    await db.sql`insert into verne.instructions (task_id, kind, author, text, marker, request_key, state)
      values (${id}, 'steer', ${requester().id}, 'Use tabs', ${`m${id}`}, ${`k${id}`}, 'refused')`;
    expect(await waiting(requester())).toEqual([[number, 'untold']]);
    await db.sql`insert into verne.instructions (task_id, kind, author, text, marker, request_key, state)
      values (${id}, 'steer', ${requester().id}, 'Use tabs', ${`n${id}`}, ${`l${id}`}, 'delivered')`;
    expect(await waiting(requester())).toEqual([]);
  });

  test("one's own request, one's given approval, a pause and an expired card wait for nobody here", async () => {
    await db.rpc('change_settings', { actor: anAdmin(here), changes: { approvals_needed: 2, self_approval: false } });
    const own = await aTask(db, approver());
    const other = await aTask(db, requester());
    expect(await waiting(approver())).toEqual([[other.number, 'decision']]);
    await confirm(other.id);
    expect(await waiting(approver())).toEqual([]);
    const second = approver({ id: '100000000000000033' });
    expect((await waiting(second)).length).toBe(2);
    await pauseGuild(db.rpc, anAdmin(here), true);
    expect(await waiting(second)).toEqual([]);
    await pauseGuild(db.rpc, anAdmin(here), false);
    await db.sql`update public.tasks set expires_at = verne.now() - interval '1 second' where id = ${own.id}`;
    expect(await waiting(second)).toEqual([[other.number, 'decision']]);
  });
});

describe('pages', () => {
  test('stay what they are while tasks are added, forwards and backwards', async () => {
    const made: number[] = [];
    for (let at = 0; at < 20; at += 1) made.unshift((await aTask(db, requester())).number);
    const first = await list(requester(), { show: 'mine' });
    expect(first).toMatchObject({ has_newer: false, has_older: true });
    await aTask(db, requester());
    const cursor = first.tasks.at(-1)?.task.number ?? 0;
    const second = await list(requester(), { show: 'mine', before: cursor });
    expect(second.tasks.map(({ task }) => task.number)).toEqual(made.slice(8, 16));
    expect(second).toMatchObject({ has_newer: true, has_older: true });
    const third = await list(requester(), { show: 'mine', before: made[15] ?? 0 });
    expect(third.tasks).toHaveLength(4);
    expect(third).toMatchObject({ has_newer: true, has_older: false });
    const back = await list(requester(), { show: 'mine', after: made[8] ?? 0 });
    expect(back.tasks.map(({ task }) => task.number)).toEqual(made.slice(0, 8));
    expect(back).toMatchObject({ has_newer: true, has_older: true });
  });

  test('that have become empty lead to the first one again', async () => {
    const { number } = await aTask(db, requester());
    expect(await numbers(requester(), { show: 'mine', before: 1 })).toEqual([number]);
    expect(await numbers(requester(), { show: 'mine', after: 999_999_999 })).toEqual([number]);
  });

  test('keep their filters: the state as people know it, and the repository by name or by hash', async () => {
    const [pr, none, other] = [
      await aTask(db, requester()),
      await aTask(db, requester()),
      await aTask(db, requester(), { repo: 'octo/other' }),
    ];
    for (const { id } of [pr, none]) await confirm(id);
    await db.sql`update public.tasks set status = 'completed', pr_url = 'https://github.com/octo/repo/pull/1' where id = ${pr.id}`;
    await db.sql`update public.tasks set status = 'completed' where id = ${none.id}`;
    expect(await numbers(requester(), { status: 'pr' })).toEqual([pr.number]);
    expect(await numbers(requester(), { status: 'no_pr' })).toEqual([none.number]);
    expect(await numbers(requester(), { status: 'pending_confirmation' })).toEqual([other.number]);
    const named = await list(requester(), { repo: 'Octo/Other' });
    expect(named.tasks).toHaveLength(1);
    const byHash = await list(requester(), { repo_ref: named.repo_ref ?? '' });
    expect(byHash.tasks.map(({ task }) => task.number)).toEqual([other.number]);
    expect(byHash.repo).toBe('octo/other');
  });
});

describe('what happened', () => {
  const read = async (number: number, after = 0) => {
    const outcome = await readHistory(db.rpc, requester(), { number, after });
    if (outcome.kind !== 'history') throw new Error(outcome.kind);
    return outcome;
  };

  test('is kept in order, with who did it, and with how long it took', async () => {
    const { id, number } = await aTask(db, requester());
    await moveClock(db.sql, 600_000);
    await confirm(id);
    await moveClock(db.sql, 60_000);
    await db.sql`insert into verne.plans (task_id, hash, steps) values (${id}, 'h', '[]')`;
    await turn(id, 'plan_review');
    await moveClock(db.sql, 300_000);
    await db.sql`update verne.sessions set phase = 'approving', approved_by = ${approver().id} where task_id = ${id}`;
    await turn(id, 'working');
    await turn(id, 'needs_input');
    await moveClock(db.sql, 120_000);
    await turn(id, 'working');
    await moveClock(db.sql, 3_120_000);
    await db.sql`update public.tasks set status = 'completed', pr_url = 'https://github.com/octo/repo/pull/1' where id = ${id}`;
    const { entries, times } = await read(number);
    expect(entries.map(({ what, by }) => [what, by])).toEqual([
      ['task.asked', requester().id],
      ['task.confirmed', approver().id],
      ['session.queued', null],
      ['session.opening', null],
      ['plan.made', null],
      ['session.plan_review', null],
      ['session.approving', approver().id],
      ['session.working', null],
      ['session.needs_input', null],
      ['session.working', null],
      ['task.pull_request', null],
      ['task.completed', null],
    ]);
    expect(Math.round(times.approval_s ?? 0)).toBe(600);
    expect(Math.round(times.pr_s ?? 0)).toBe(3600);
    expect(Math.round(times.waited_s)).toBe(600 + 300 + 120);
    const { times: server } = await list(requester());
    expect(server).toMatchObject({ decided: 1, prs: 1 });
    expect(Math.round(server.approval_s ?? 0)).toBe(600);
    expect(Math.round(server.pr_s ?? 0)).toBe(3600);
  });

  test('of a task that an approver began at once says nothing of a decision', async () => {
    const { number } = await aTask(db, approver());
    const { times } = await read(number);
    expect(times).toMatchObject({ approval_s: null, pr_s: null, waited_s: 0 });
    expect((await list(requester())).times).toMatchObject({ approval_s: null, decided: 0 });
  });

  test('comes in pages when it is long', async () => {
    const { id, number } = await aTask(db, requester());
    await confirm(id);
    for (let at = 0; at < 10; at += 1) {
      await turn(id, 'needs_input');
      await turn(id, 'working');
    }
    const first = await read(number);
    expect(first.entries).toHaveLength(12);
    expect(first.has_more).toBe(true);
    const second = await read(number, 12);
    expect(second.entries.map(({ nth }) => nth)).toEqual([13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24]);
    expect(second.has_more).toBe(false);
  });

  test('names each approval where several are needed, and nobody who was forgotten', async () => {
    await db.rpc('change_settings', { actor: anAdmin(here), changes: { approvals_needed: 2 } });
    const { id, number } = await aTask(db, requester());
    await confirm(id);
    await decideTask(db.rpc, approver({ id: '100000000000000033' }), { taskId: taskId(id), verb: 'confirm' });
    const whats = async () =>
      (await read(number)).entries.filter(({ by }) => by !== null).map(({ what, by }) => [what, by]);
    expect(await whats()).toEqual([
      ['task.asked', requester().id],
      ['task.approved', approver().id],
      ['task.approved', '100000000000000033'],
      ['task.confirmed', '100000000000000033'],
    ]);
    await forgetPerson(db.rpc, operator('people forget'), '100000000000000033');
    expect((await whats()).slice(2)).toEqual([
      ['task.approved', '000000000000000000'],
      ['task.confirmed', '000000000000000000'],
    ]);
  });
});
