import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { changeSettings, type SettingsChange } from '#guilds/settings.ts';
import type { Actor } from '#kernel/actor.ts';
import { taskId } from '#kernel/ids.ts';
import { type DecideOutcome, decideTask } from '#tasks/decide-task.ts';
import type { TaskDecision, TaskView } from '#tasks/task.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { anAdmin, anApprover, aRequester, aServer, aTask, CONFIRM_ROLE, CREATE_ROLE } from '../support/tasks.ts';

let db: TestDatabase;
let guild = '920000000000000000';
beforeAll(async () => {
  db = await freshDatabase();
});
beforeEach(async () => {
  guild = String(BigInt(guild) + 1n);
  await aServer(db, { guild, perDay: 10_000, atOnce: 10_000 });
});
afterAll(() => db.close());

const policy = (changes: SettingsChange) => changeSettings(db.rpc, anAdmin({ guild }), changes);
const approver = (at = 1, facts: Partial<Actor> = {}) =>
  anApprover({ guild, id: String(100_000_000_000_001_000n + BigInt(at)), ...facts });
const requester = (facts: Partial<Actor> = {}) => aRequester({ guild, ...facts });
/** One who may confirm, and asks. */
const asker = () => requester({ roles: [CREATE_ROLE, CONFIRM_ROLE] });

const decide = (actor: Actor, { id }: { id: string }, verb: TaskDecision = 'confirm') =>
  decideTask(db.rpc, actor, { taskId: taskId(id), verb, ...(verb === 'reject' && { reason: 'because' }) });

const taskOf = (outcome: DecideOutcome): TaskView => {
  if (!('task' in outcome)) throw new Error(`no task: ${JSON.stringify(outcome)}`);
  return outcome.task;
};

async function left({ id }: { id: string }) {
  const [found] = await db.sql`select
    (select count(*) from verne.sessions where task_id = ${id})::int as sessions,
    (select count(*) from verne.approvals where task_id = ${id})::int as approvals,
    (select count(*) from verne.events where key = ${`task:${id}`} and topic in ('task.confirmed', 'task.rejected', 'task.cancelled', 'task.expired'))::int as decisions,
    (select count(*) from verne.events where key = ${`task:${id}`} and topic = 'task.updated')::int as counted`;
  return found;
}

describe('N of M', () => {
  test('a task starts with the last approval that it needs, and who approved stays on it', async () => {
    await policy({ approvals_needed: 3 });
    const task = await aTask(db, requester());
    const [first, second, third, late] = [1, 2, 3, 4].map((at) => approver(at));
    if (!first || !second || !third || !late) throw new Error('nobody');
    expect(await decide(first, task)).toMatchObject({ kind: 'counted', task: { status: 'pending_confirmation' } });
    expect(await decide(second, task)).toMatchObject({ kind: 'counted', task: { decided_by: null } });
    expect(await left(task)).toEqual({ sessions: 0, approvals: 2, decisions: 0, counted: 2 });
    expect(await decide(third, task)).toMatchObject({ kind: 'decided', task: { status: 'in_progress' } });
    expect(await decide(late, task)).toMatchObject({ kind: 'too_late', task: { decided_by: third.id } });
    expect(await left(task)).toEqual({ sessions: 1, approvals: 3, decisions: 1, counted: 2 });
    const cancelled = taskOf(await decide(requester(), task, 'cancel'));
    expect(cancelled.approvals.map(({ by }) => by)).toEqual([first.id, second.id, third.id]);
  });

  test('who presses twice counts once, and leaves one entry', async () => {
    await policy({ approvals_needed: 2 });
    const task = await aTask(db, requester());
    const presses = await Promise.all([1, 2, 3].map(() => decide(approver(), task)));
    expect(presses.map(({ kind }) => kind)).toEqual(['counted', 'counted', 'counted']);
    expect(await left(task)).toEqual({ sessions: 0, approvals: 1, decisions: 0, counted: 1 });
    const entries =
      await db.sql`select outcome from verne.audit where args ->> 'task' = ${task.id} and operation = 'task.confirm'`;
    expect(entries).toEqual([{ outcome: 'allowed' }]);
  });

  test('two who press at the same moment are both counted, and the task starts once', async () => {
    await policy({ approvals_needed: 2 });
    for (let round = 0; round < 5; round += 1) {
      const task = await aTask(db, requester());
      const outcomes = await Promise.all([decide(approver(1), task), decide(approver(2), task)]);
      expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['counted', 'decided']);
      expect(await left(task)).toEqual({ sessions: 1, approvals: 2, decisions: 1, counted: 1 });
    }
  });

  test('a rejection by one ends it, whoever has approved', async () => {
    await policy({ approvals_needed: 3 });
    const task = await aTask(db, requester());
    await decide(approver(1), task);
    await decide(approver(2), task);
    expect(await decide(approver(3), task, 'reject')).toMatchObject({ kind: 'decided', task: { status: 'rejected' } });
    expect(await decide(approver(4), task)).toMatchObject({ kind: 'too_late', task: { decided_by: approver(3).id } });
    expect(taskOf(await decide(approver(4), task)).approvals).toHaveLength(2);
  });

  test('one who lost the role does not count any more; what they approved before does', async () => {
    await policy({ approvals_needed: 2 });
    const [before, after] = [await aTask(db, requester()), await aTask(db, requester())];
    await decide(approver(1), before);
    const without = approver(1, { roles: [] });
    expect(await decide(without, after)).toMatchObject({ kind: 'not_permitted' });
    expect(await left(after)).toMatchObject({ approvals: 0 });
    expect(await decide(approver(2), before)).toMatchObject({ kind: 'decided' });
    expect(await decide(approver(2), after)).toMatchObject({ kind: 'counted' });
  });

  test('an approver of another server counts nothing', async () => {
    await policy({ approvals_needed: 2 });
    const task = await aTask(db, requester());
    const elsewhere = String(BigInt(guild) + 1_000_000n);
    await aServer(db, { guild: elsewhere });
    expect(await decide(approver(1, { guild: elsewhere }), task)).toEqual({ kind: 'unknown_task' });
    expect(await left(task)).toMatchObject({ approvals: 0 });
  });
});

describe('one’s own approval', () => {
  test('starts a task at once where it may count and one is enough', async () => {
    const task = await aTask(db, asker());
    expect(task).toMatchObject({ status: 'in_progress', decided_by: asker().id, approvals: [{ by: asker().id }] });
    expect(task.policy.expires_at).toBeNull();
  });

  test('is the first of several where it may count', async () => {
    await policy({ approvals_needed: 2 });
    const task = await aTask(db, asker());
    expect(task).toMatchObject({ status: 'pending_confirmation', approvals: [{ by: asker().id }] });
    expect(await decide(asker(), task)).toMatchObject({ kind: 'counted', task: { approvals: [{}] } });
    expect(await decide(approver(), task)).toMatchObject({ kind: 'decided' });
  });

  test('never counts where the server wants somebody else, and its refusal is audited', async () => {
    await policy({ self_approval: false });
    const task = await aTask(db, asker());
    expect(task).toMatchObject({ status: 'pending_confirmation', approvals: [] });
    expect(await decide(asker(), task)).toMatchObject({ kind: 'own_task', task: { status: 'pending_confirmation' } });
    expect(await left(task)).toMatchObject({ approvals: 0, decisions: 0 });
    const [last] = await db.sql`select outcome from verne.audit where guild_id = ${guild} order by seq desc limit 1`;
    expect(last?.outcome).toBe('refused: own_task');
    expect(await decide(asker(), task, 'cancel')).toMatchObject({ kind: 'decided' });
  });

  test('does not count with Manage Server either', async () => {
    await policy({ self_approval: false, confirm_roles: [] });
    const task = await aTask(db, anAdmin({ guild }));
    expect(await decide(anAdmin({ guild }), task)).toMatchObject({ kind: 'own_task' });
  });
});

describe('a policy that changes meanwhile', () => {
  test('holds for what is asked afterwards; what waits keeps its own', async () => {
    const lenient = await aTask(db, requester());
    await policy({ approvals_needed: 2, self_approval: false, expire_hours: 1 });
    const strict = await aTask(db, requester());
    await policy({ approvals_needed: 1 });
    expect(await decide(approver(), lenient)).toMatchObject({ kind: 'decided', task: { policy: { approvals: 1 } } });
    expect(await decide(approver(), strict)).toMatchObject({ kind: 'counted', task: { policy: { approvals: 2 } } });
  });

  test.each([{ approvals_needed: 0 }, { approvals_needed: 11 }, { expire_hours: 0 }, { expire_hours: 721 }])(
    '%o is refused by the database',
    async (changes) => {
      await expect(policy(changes)).rejects.toThrow('is_sensible');
    },
  );
});

describe('R01: approvers press at once', () => {
  const ROUNDS = 6;
  const APPROVERS = 20;

  test('one wins, the others are told who', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const task = await aTask(db, requester());
      const outcomes = await Promise.all(Array.from({ length: APPROVERS }, (_, at) => decide(approver(at), task)));
      const winners = outcomes.filter(({ kind }) => kind === 'decided');
      expect(winners).toHaveLength(1);
      const winner = winners[0] && taskOf(winners[0]).decided_by;
      const told = outcomes.filter((outcome) => outcome.kind === 'too_late' && outcome.task.decided_by === winner);
      expect(told).toHaveLength(APPROVERS - 1);
      expect(await left(task)).toEqual({ sessions: 1, approvals: 1, decisions: 1, counted: 0 });
    }
  });
});
