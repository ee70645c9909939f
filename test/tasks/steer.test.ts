import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { changeSettings } from '#guilds/settings.ts';
import { RemoteFailure } from '#kernel/errors.ts';
import { sessionName, taskId } from '#kernel/ids.ts';
import { approvePlan } from '#tasks/approve-plan.ts';
import { decideTask } from '#tasks/decide-task.ts';
import { followSession } from '#tasks/follow-session.ts';
import { type Instruction, instructTask } from '#tasks/instruct-task.ts';
import { openSession } from '#tasks/open-session.ts';
import { planAgain } from '#tasks/plan-again.ts';
import type { JulesActivity } from '#tasks/ports.ts';
import { readTask } from '#tasks/read-task.ts';
import { remind } from '#tasks/remind.ts';
import { requestTask } from '#tasks/request-task.ts';
import { sendInstructions } from '#tasks/send-instructions.ts';
import type { TaskView } from '#tasks/task.ts';
import { moveClock } from '../support/clock.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import {
  aDelivery,
  anAdmin,
  anApprover,
  aRequester,
  aServer,
  aSession,
  CONFIRM_ROLE,
  type FakeJules,
  fakeJules,
  someSources,
  WINDOWS,
} from '../support/tasks.ts';

let db: TestDatabase;
let jules: FakeJules;
beforeAll(async () => {
  db = await freshDatabase();
  await someSources(db, await aServer(db, { perDay: 1000, atOnce: 1000 }));
  await changeSettings(db.rpc, anAdmin(), { approver_notice: 'role' });
});
afterAll(() => db.close());
beforeEach(() => {
  jules = fakeJules();
});

const deps = () => ({ rpc: db.rpc, sessions: jules, windows: WINDOWS });
const now = async () => (await db.sql`select verne.now() as now`)[0]?.now as Date;
const lane = async ({ id }: TaskView) => aDelivery('task', id, { now: await now() });
const follow = async (task: TaskView) => followSession(deps(), await lane(task));
const send = async (task: TaskView) => sendInstructions(deps(), await lane(task));
const view = async ({ id }: TaskView) => {
  const found = await readTask(db.rpc, taskId(id));
  if (!found) throw new Error('the task is gone');
  return found;
};
const told = () => jules.calls.filter((call) => call.startsWith('send')).length;
const approved = () => jules.calls.filter((call) => call.startsWith('approve')).length;
const notes = async ({ id }: TaskView, name: string) =>
  (
    await db.sql`select facts from verne.messages where subject = ${`task:${id}`} and view = ${name} order by created_at`
  ).map(({ facts }) => facts);

let made = 0;
const anActivity = (facts: object): JulesActivity =>
  ({
    name: `sessions/1/activities/${++made}`,
    createTime: new Date(Date.now() + made),
    description: null,
    artifacts: [],
    ...facts,
  }) as unknown as JulesActivity;
const aPlan = (...titles: string[]) =>
  anActivity({ kind: 'planGenerated', plan: { steps: titles.map((title) => ({ title, description: null })) } });
const aQuestion = (message: string) => anActivity({ kind: 'agentMessaged', message });

/** A task whose session is open at Jules. */
async function started(planReview: boolean): Promise<TaskView> {
  const wish = { requestKey: `steer-${++made}`, prompt: 'Fix the test', planReview };
  const asked = await requestTask(db.rpc, aRequester(), wish);
  if (asked.kind !== 'requested') throw new Error(asked.kind);
  await decideTask(db.rpc, anApprover(), { taskId: taskId(asked.task.id), verb: 'confirm' });
  await openSession(deps(), await lane(asked.task));
  return asked.task;
}

/** Jules says this from now on, and the bot has read it. */
async function says(task: TaskView, state: string, ...news: JulesActivity[]): Promise<TaskView> {
  const { session } = await view(task);
  jules.sessions = [
    aSession({ ...jules.sessions[0], ...(session?.name && { name: sessionName(session.name) }), state }),
  ];
  jules.news.push(...news);
  await follow(task);
  return view(task);
}

const instruct = (task: TaskView, wish: Partial<Instruction>, actor = aRequester()) =>
  instructTask(db.rpc, actor, {
    taskId: taskId(task.id),
    requestKey: `say-${++made}`,
    kind: 'steer',
    text: 'Use tabs.',
    ...wish,
  });
const approve = (task: TaskView, plan: string | null, actor = anApprover()) =>
  approvePlan(db.rpc, actor, taskId(task.id), plan ?? '');

describe('a plan that people read', () => {
  test('waits for them, and runs when an approver has let it', async () => {
    const task = await started(true);
    const waiting = await says(task, 'AWAITING_PLAN_APPROVAL', aPlan('Read', 'Write'));
    expect(waiting.session?.phase).toBe('plan_review');
    expect(waiting.verbs).toEqual(expect.arrayContaining(['approve_plan', 'ask_changes', 'cancel']));
    expect(approved()).toBe(0);
    expect((await approve(task, waiting.plan_hash, aRequester())).kind).toBe('not_permitted');
    expect((await approve(task, waiting.plan_hash)).kind).toBe('approved');
    await follow(task);
    expect(approved()).toBe(1);
    expect((await view(task)).session).toMatchObject({ phase: 'working', plan_approved_by: anApprover().id });
  });

  test('is approved by one press, whose second coming changes nothing, and who comes later hears who did', async () => {
    const task = await started(true);
    const { plan_hash: plan } = await says(task, 'AWAITING_PLAN_APPROVAL', aPlan('Read'));
    expect((await approve(task, plan)).kind).toBe('approved');
    expect((await approve(task, plan)).kind).toBe('approved');
    const later = await approve(task, plan, anApprover({ id: '100000000000000009' }));
    expect(later).toMatchObject({ kind: 'plan_approved', by: anApprover().id });
  });

  test('that was made anew is not approved by a press under the old one (R03)', async () => {
    const task = await started(true);
    const { plan_hash: old } = await says(task, 'AWAITING_PLAN_APPROVAL', aPlan('Read', 'Write'));
    const { plan_hash: newest } = await says(task, 'AWAITING_PLAN_APPROVAL', aPlan('Read', 'Delete all'));
    expect(newest).not.toBe(old);
    expect((await approve(task, old)).kind).toBe('stale_plan');
    await follow(task);
    expect(approved()).toBe(0);
  });

  test('that changes between the press and its approval is read again first (R03)', async () => {
    const task = await started(true);
    const { plan_hash: old } = await says(task, 'AWAITING_PLAN_APPROVAL', aPlan('Read', 'Write'));
    await approve(task, old);
    const after = await says(task, 'AWAITING_PLAN_APPROVAL', aPlan('Read', 'Delete all'));
    expect(approved()).toBe(0);
    expect(after.session?.phase).toBe('plan_review');
  });

  test('is changed at the wish of who may steer: Jules is told once, and the answer is another plan to read', async () => {
    const task = await started(true);
    const { plan_hash: about } = await says(task, 'AWAITING_PLAN_APPROVAL', aPlan('Read', 'Write'));
    const wish = { kind: 'changes', text: 'Tests first.', about: about ?? '' } as const;
    expect((await instruct(task, wish)).kind).toBe('told');
    expect((await instruct(task, wish, anApprover())).kind).toBe('answered');
    await send(task);
    await send(task);
    expect(told()).toBe(1);
    expect(await notes(task, 'told')).toMatchObject([{ by: aRequester().id, kind: 'changes', text: 'Tests first.' }]);
    const changed = await says(task, 'AWAITING_PLAN_APPROVAL', aPlan('Test', 'Write'));
    expect((await instruct(task, wish)).kind).toBe('stale_plan');
    expect((await approve(task, changed.plan_hash)).kind).toBe('approved');
  });

  test('that nobody approved in time is kept waiting, and made again by who asks for it', async () => {
    const task = await started(true);
    await says(task, 'AWAITING_PLAN_APPROVAL', aPlan('Read'));
    const dropped = await says(task, 'COMPLETED');
    expect(dropped.session?.phase).toBe('plan_expired');
    expect(dropped.verbs).toContain('plan_again');
    const [held] = await db.sql`select holds_place from verne.sessions where task_id = ${task.id}`;
    expect(held?.holds_place).toBe(false);
    expect((await planAgain(db.rpc, aRequester(), taskId(task.id))).kind).toBe('renewed');
    expect((await planAgain(db.rpc, aRequester(), taskId(task.id))).kind).toBe('too_late');
    expect((await view(task)).session).toMatchObject({ recreated: 1, name: null });
  });

  test('is approved by Verne where nobody wants to read it', async () => {
    const task = await started(false);
    await says(task, 'AWAITING_PLAN_APPROVAL', aPlan('Read'));
    expect(approved()).toBe(1);
  });
});

describe('a question', () => {
  const asked = async (text = 'Tabs or spaces?') => {
    const task = await started(false);
    return says(task, 'AWAITING_USER_FEEDBACK', aQuestion(text));
  };

  test('is answered once: the second of two is told who was quicker', async () => {
    const task = await asked();
    const wish = { kind: 'answer', text: 'Tabs.', about: task.session?.question ?? '' } as const;
    const both = await Promise.all([instruct(task, wish), instruct(task, wish, anApprover())]);
    expect(both.map(({ kind }) => kind).sort()).toEqual(['answered', 'told']);
    await send(task);
    await send(task);
    expect(told()).toBe(1);
  });

  test('of yesterday takes no answer today', async () => {
    const task = await asked();
    const about = task.session?.question ?? '';
    await says(task, 'AWAITING_USER_FEEDBACK', aQuestion('Which quotes?'));
    expect((await instruct(task, { kind: 'answer', about })).kind).toBe('stale_question');
    await says(task, 'IN_PROGRESS');
    expect((await instruct(task, { kind: 'answer', about })).kind).toBe('stale_question');
  });

  test('is not answered by a stranger, nor from another server', async () => {
    const task = await asked();
    const about = task.session?.question ?? '';
    const stranger = aRequester({ id: '100000000000000077', roles: [] });
    expect((await instruct(task, { kind: 'answer', about }, stranger)).kind).toBe('not_permitted');
    const elsewhere = anApprover({ guild: '200000000000000099' });
    expect((await instruct(task, { kind: 'answer', about }, elsewhere)).kind).not.toBe('told');
  });
});

const unknown = () =>
  new RemoteFailure('the connection broke', { service: 'jules', code: 'network', retry: 'soon', unknownOutcome: true });
const refusedBy = (code: number) => new RemoteFailure('no', { service: 'jules', code, retry: 'never' });

describe('an instruction', () => {
  const working = async () => {
    const task = await started(false);
    return says(task, 'IN_PROGRESS', aPlan('Read'), anActivity({ kind: 'planApproved' }));
  };

  test('with no words in it, too many, or hidden ones is refused with a sentence', async () => {
    const task = await working();
    for (const text of ['  \u200B ', 'x'.repeat(4001), `ok${String.fromCodePoint(0xe0041)}`]) {
      await expect(instruct(task, { text })).rejects.toThrow(/Jules was told nothing|at most|told nothing/);
    }
    expect((await instruct(task, { text: 'x'.repeat(4000) })).kind).toBe('told');
  });

  test('whose outcome is unknown is looked for by its marker, and not sent again where it is found', async () => {
    const task = await working();
    await instruct(task, {});
    jules.failing.set('after send', unknown());
    await send(task);
    expect(await notes(task, 'told')).toEqual([]);
    await send(task);
    expect(told()).toBe(1);
    expect(await notes(task, 'told')).toHaveLength(1);
  });

  test('that never arrived is sent again, but only after its whole window', async () => {
    const task = await working();
    await instruct(task, {});
    jules.failing.set('send', unknown());
    await send(task);
    await moveClock(db.sql, WINDOWS.intentMs - 20_000);
    // Twice: where the first look gave the intent up, the second one would send.
    for (let look = 0; look < 2; look += 1) await send(task);
    expect(told()).toBe(1);
    await moveClock(db.sql, 21_000);
    await send(task);
    await send(task);
    expect(told()).toBe(2);
    expect(await notes(task, 'told')).toHaveLength(1);
  });

  test('that Jules refuses is given back to who wrote it, with the reason', async () => {
    const task = await working();
    await instruct(task, { text: 'Use the pool.' });
    jules.failing.set('send', refusedBy(404));
    await send(task);
    expect(await notes(task, 'untold')).toMatchObject([{ by: aRequester().id, text: 'Use the pool.', problem: 'no' }]);
  });

  test('waits while Jules plans, and keeps its place among others', async () => {
    const task = await started(false);
    await says(task, 'PLANNING');
    await instruct(task, { text: 'first' });
    await instruct(task, { text: 'second' });
    await send(task);
    expect(told()).toBe(0);
    await says(task, 'IN_PROGRESS');
    await send(task);
    await send(task);
    expect((await notes(task, 'told')).map(({ text }) => text)).toEqual(['first', 'second']);
  });

  test('to a finished task has the session go on, to a cancelled one is refused, to one that waits as well', async () => {
    const task = await working();
    await says(task, 'COMPLETED');
    await db.sql`update verne.sessions set finishing_since = verne.now() - interval '1 day' where task_id = ${task.id}`;
    const done = await says(task, 'COMPLETED');
    expect(done.status).toBe('completed');
    expect(done.verbs).toContain('follow_up');
    expect((await instruct(task, { kind: 'follow_up' })).kind).toBe('told');
    await send(task);
    expect(told()).toBe(1);
    expect((await says(task, 'IN_PROGRESS')).status).toBe('in_progress');
    await decideTask(db.rpc, aRequester(), { taskId: taskId(task.id), verb: 'cancel' });
    expect((await instruct(task, {})).kind).toBe('too_late');
  });

  test('asked for twice under one key is told once', async () => {
    const task = await working();
    await instruct(task, { requestKey: 'one press' });
    await instruct(task, { requestKey: 'one press' });
    await send(task);
    await send(task);
    expect(told()).toBe(1);
  });
});

describe('what waits for people', () => {
  const reminded = async (task: TaskView) => {
    const answer = await remind(deps(), await lane(task));
    return { answer, notes: await notes(task, 'reminder') };
  };
  const HALF_HOUR_MS = 1_800_000;
  const DAY_MS = 86_400_000;

  test('is brought to mind after half an hour, then daily: first to who is asked, then to approvers too', async () => {
    const task = await started(false);
    await says(task, 'AWAITING_USER_FEEDBACK', aQuestion('Which?'));
    expect(await reminded(task)).toMatchObject({ answer: { kind: 'wait' }, notes: [] });
    await moveClock(db.sql, HALF_HOUR_MS + 1000);
    const people = [aRequester().id];
    expect((await reminded(task)).notes).toMatchObject([{ what: 'answer', mention: { people, roles: [] } }]);
    expect((await reminded(task)).notes).toHaveLength(1);
    await moveClock(db.sql, DAY_MS);
    const [, second] = (await reminded(task)).notes;
    expect(second).toMatchObject({ mention: { people, roles: [CONFIRM_ROLE] } });
  });

  test('and is answered is silent again', async () => {
    const task = await started(false);
    const { session } = await says(task, 'AWAITING_USER_FEEDBACK', aQuestion('Which?'));
    await instruct(task, { kind: 'answer', about: session?.question ?? '' });
    expect(await reminded(task)).toEqual({ answer: { kind: 'done' }, notes: [] });
  });

  test('a bot that was away for three days reminds once, not three times', async () => {
    const task = await started(true);
    await says(task, 'AWAITING_PLAN_APPROVAL', aPlan('Read'));
    await moveClock(db.sql, 3 * DAY_MS);
    expect((await reminded(task)).notes).toMatchObject([{ what: 'plan' }]);
    expect((await reminded(task)).notes).toHaveLength(1);
  });
});
