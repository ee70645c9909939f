import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { changeSettings } from '#guilds/settings.ts';
import { RemoteFailure } from '#kernel/errors.ts';
import { sessionName, taskId } from '#kernel/ids.ts';
import { approvePlan } from '#tasks/approve-plan.ts';
import { decideTask } from '#tasks/decide-task.ts';
import { followSession } from '#tasks/follow-session.ts';
import { instructTask } from '#tasks/instruct-task.ts';
import { openSession } from '#tasks/open-session.ts';
import type { JulesActivity, JulesOutput } from '#tasks/ports.ts';
import { readTask } from '#tasks/read-task.ts';
import { remind } from '#tasks/remind.ts';
import { requestTask } from '#tasks/request-task.ts';
import { salvagePatch } from '#tasks/salvage-patch.ts';
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
const view = async ({ id }: TaskView) => {
  const found = await readTask(db.rpc, taskId(id));
  if (!found) throw new Error('the task is gone');
  return found;
};
const reminded = async (task: TaskView) => remind(deps(), await lane(task));
const notes = async ({ id }: TaskView, name: string) =>
  (
    await db.sql`select place, facts from verne.messages where subject = ${`task:${id}`} and view = ${name} order by seq`
  ).map(({ place, facts }) => ({ place, ...facts }));
const told = () => jules.calls.filter((call) => call.startsWith('send')).length;
const wait = (ms: number) => moveClock(db.sql, ms + 1000);
const MINUTE_MS = 60_000;
const GONE = new RemoteFailure('gone', { service: 'jules', code: 404, retry: 'never' });

let made = 0;
const anActivity = (kind: JulesActivity['kind'], facts: object = {}): JulesActivity => {
  made += 1;
  const base = { name: `a/${made}`, createTime: new Date(Date.now() + made), description: null, artifacts: [] };
  return { ...base, kind, ...facts } as JulesActivity;
};
const aPlan = () => anActivity('planGenerated', { plan: { steps: [{ title: `Look ${made}`, description: null }] } });
const aStep = () => anActivity('progressUpdated', { progress: { title: `Step ${made}`, description: null } });
const aPatch = (patch: string, facts: Partial<JulesOutput> = {}): JulesOutput => ({
  kind: 'changeSet',
  patch,
  patchChars: patch.length,
  baseCommit: '36ead0a4c1f2b3d4e5f60718293a4b5c6d7e8f90',
  ...facts,
});

async function started({ planReview = false } = {}): Promise<TaskView> {
  const asked = await requestTask(db.rpc, aRequester(), {
    requestKey: `stuck-${++made}`,
    prompt: 'Fix it',
    planReview,
  });
  if (asked.kind !== 'requested') throw new Error(asked.kind);
  await decideTask(db.rpc, anApprover(), { taskId: taskId(asked.task.id), verb: 'confirm' });
  await openSession(deps(), await lane(asked.task));
  return asked.task;
}

/** Jules says this from now on, and the bot has read it. */
async function says(task: TaskView, facts: object, ...news: JulesActivity[]): Promise<TaskView> {
  const { session } = await view(task);
  const name = session?.name ? { name: sessionName(session.name) } : {};
  jules.sessions = [aSession({ ...jules.sessions[0], ...name, ...facts })];
  jules.news.push(...news);
  await follow(task);
  return view(task);
}
const works = (task: TaskView, ...news: JulesActivity[]) => says(task, { state: 'IN_PROGRESS' }, ...news);
const looked = async (task: TaskView) => {
  await follow(task);
  return view(task);
};

const instruct = (task: TaskView, kind: 'nudge' | 'publish', about: string | null | undefined, actor = aRequester()) =>
  instructTask(db.rpc, actor, {
    taskId: taskId(task.id),
    requestKey: `stuck-say-${++made}`,
    kind,
    text: 'Are you still at work?',
    about: about ?? '',
  });

describe('a session that says nothing', () => {
  test.each([
    ['PLANNING', 10],
    ['IN_PROGRESS', 20],
    ['PAUSED', 10],
  ])('in %s is silent after %d minutes, and not before', async (state, minutes) => {
    const task = await started();
    await says(task, { state });
    await moveClock(db.sql, minutes * MINUTE_MS - 5000);
    expect((await looked(task)).session?.silence).toBeNull();
    await wait(5000);
    const silent = await looked(task);
    expect(silent.session?.silence).toMatch(/^[0-9a-f]{8}$/);
    expect(silent.verbs).toContain('nudge');
  });

  test('wakes those who remind people, once; so does each other phase, and no mere step', async () => {
    const task = await started();
    const news = async () => {
      const rows = await db.sql`select topic from verne.events where key = ${`task:${task.id}`}
        and topic in ('session.turned', 'session.silent') order by id`;
      return rows.map(({ topic }) => topic);
    };
    await works(task, aStep());
    await works(task, aStep());
    expect(await news()).toEqual(['session.turned']);
    await wait(20 * MINUTE_MS);
    await looked(task);
    await wait(MINUTE_MS);
    await looked(task);
    expect(await news()).toEqual(['session.turned', 'session.silent']);
    await says(task, { state: 'AWAITING_USER_FEEDBACK' });
    expect(await news()).toEqual(['session.turned', 'session.silent', 'session.turned']);
    const heard =
      await db.sql`select topic, subscriber from verne.routes where subscriber in ('tasks.remind', 'tasks.send_instructions')
      and topic in ('session.turned', 'session.silent') order by 1, 2`;
    expect(heard.map(({ topic, subscriber }) => `${topic} ${subscriber}`)).toEqual([
      'session.silent tasks.remind',
      'session.turned tasks.remind',
      'session.turned tasks.send_instructions',
    ]);
  });

  test('is told to its requester at once, once more a day later, and then to nobody', async () => {
    const task = await started();
    await works(task, aStep());
    await wait(20 * MINUTE_MS);
    await looked(task);
    expect(await reminded(task)).toMatchObject({ kind: 'wait' });
    await reminded(task);
    const mention = { people: [aRequester().id], roles: [] };
    expect(await notes(task, 'silence')).toMatchObject([{ place: 'channel', phase: 'working', mention }]);
    for (const day of [1, 2, 3]) {
      await wait(WINDOWS.remindAgainMs);
      await reminded(task);
      expect(await notes(task, 'silence'), `day ${day}`).toHaveLength(2);
    }
    expect((await notes(task, 'silence'))[1]).toMatchObject({ mention });
  });

  test('is not silent any more as soon as Jules moves, and may be silent anew', async () => {
    const task = await started();
    await works(task);
    await wait(20 * MINUTE_MS);
    const { session: first } = await looked(task);
    expect((await works(task, aStep())).session?.silence).toBeNull();
    expect(await reminded(task)).toEqual({ kind: 'done' });
    await wait(20 * MINUTE_MS);
    const { session: again } = await looked(task);
    expect(again?.silence).not.toBeNull();
    expect(again?.silence).not.toBe(first?.silence);
  });

  test('is nudged once for each silence; what it is told is no sign of life, its answer is', async () => {
    const task = await started();
    await works(task);
    await wait(20 * MINUTE_MS);
    const { session } = await looked(task);
    const both = await Promise.all([
      instruct(task, 'nudge', session?.silence),
      instruct(task, 'nudge', session?.silence, anApprover()),
    ]);
    expect(both.map(({ kind }) => kind).sort()).toEqual(['answered', 'told']);
    await sendInstructions(deps(), await lane(task));
    expect(told()).toBe(1);
    const asked = await looked(task);
    expect(asked.session?.silence).toBe(session?.silence);
    expect(asked.verbs).not.toContain('nudge');
    await works(task, anActivity('agentMessaged', { message: 'Yes.' }));
    expect((await instruct(task, 'nudge', session?.silence)).kind).toBe('moved_on');
  });

  test('is nudged while it plans as well, before what waits until its plan is there', async () => {
    const task = await started();
    await says(task, { state: 'PLANNING' });
    const steer = { taskId: taskId(task.id), requestKey: `w-${made}`, kind: 'steer', text: 'Use tabs.' } as const;
    await instructTask(db.rpc, aRequester(), steer);
    await wait(10 * MINUTE_MS);
    await instruct(task, 'nudge', (await looked(task)).session?.silence);
    await sendInstructions(deps(), await lane(task));
    await sendInstructions(deps(), await lane(task));
    expect(await notes(task, 'told')).toMatchObject([{ kind: 'nudge' }]);
  });

  test('and waits for people is theirs to answer: it is reminded of, not called silent', async () => {
    const task = await started();
    await says(task, { state: 'AWAITING_USER_FEEDBACK' }, anActivity('agentMessaged', { message: 'Which?' }));
    await wait(3 * 60 * MINUTE_MS);
    expect((await looked(task)).session).toMatchObject({ phase: 'needs_input', silence: null });
  });

  test('but whose silence nobody could hear, since the bot was away, is asked first', async () => {
    const task = await started();
    await works(task, aStep());
    await wait(60 * MINUTE_MS);
    expect((await works(task, aStep())).session?.silence).toBeNull();
  });
});

describe('work that looks finished, without a pull request', () => {
  test('is silent sooner where Jules said that it is done, and can be asked for the pull request', async () => {
    const task = await started();
    await works(task, aStep(), anActivity('sessionCompleted', { artifacts: [aPatch('diff\n')] }));
    await wait(10 * MINUTE_MS);
    const silent = await looked(task);
    expect(silent.session).toMatchObject({ phase: 'working', progress: { said_done: true } });
    expect(silent.verbs).toEqual(expect.arrayContaining(['nudge', 'publish', 'get_patch']));
    expect((await instruct(task, 'publish', silent.session?.pr_wanting)).kind).toBe('told');
    expect((await view(task)).verbs).not.toContain('publish');
  });

  test('and goes on after it said so is at work like any other', async () => {
    const task = await started();
    await works(task, anActivity('sessionCompleted'));
    await works(task, aStep());
    await wait(10 * MINUTE_MS);
    expect((await looked(task)).session?.silence).toBeNull();
  });

  test('can be asked for the pull request once for each end', async () => {
    const task = await started();
    const end = async () => {
      await says(task, { state: 'COMPLETED', outputs: [aPatch('diff\n')] });
      await wait(5 * WINDOWS.followSoonMs);
      return looked(task);
    };
    await works(task, aStep());
    const ended = await end();
    expect(ended).toMatchObject({ status: 'completed', session: { phase: 'done_patch' } });
    expect(ended.verbs).toEqual(expect.arrayContaining(['publish', 'follow_up', 'get_patch']));
    expect((await instruct(task, 'publish', ended.session?.pr_wanting)).kind).toBe('told');
    expect((await instruct(task, 'publish', ended.session?.pr_wanting, anApprover())).kind).toBe('answered');
    await sendInstructions(deps(), await lane(task));
    await works(task, aStep());
    expect((await instruct(task, 'publish', ended.session?.pr_wanting)).kind).toBe('moved_on');
    const again = await end();
    expect(again.verbs).toContain('publish');
    const url = 'https://github.com/octo/repo/pull/7';
    const late = await says(task, { state: 'COMPLETED', outputs: [{ kind: 'pullRequest', url }] });
    expect(late.verbs).not.toContain('publish');
    expect(late.verbs).not.toContain('get_patch');
  });
});

describe('a session that Jules does not have any more', () => {
  test('is asked for again before its task fails: one slip ends nothing', async () => {
    const task = await started();
    await works(task, aStep());
    jules.failing.set('read', GONE);
    expect(await follow(task)).toMatchObject({ kind: 'wait' });
    expect((await view(task)).status).toBe('in_progress');
    await wait(WINDOWS.deletedMs);
    await works(task);
    jules.failing.set('read', GONE);
    await follow(task);
    expect((await view(task)).status).toBe('in_progress');
  });

  test('fails its task once it has said so for minutes, and its patch can be saved', async () => {
    const task = await started();
    await works(task, aStep(), anActivity('progressUpdated', { progress: {}, artifacts: [aPatch('diff --git\n')] }));
    jules.failing.set('read', GONE);
    await follow(task);
    jules.failing.set('read', GONE);
    expect(await follow(task)).toMatchObject({ kind: 'wait' });
    await wait(WINDOWS.deletedMs);
    jules.failing.set('read', GONE);
    expect(await follow(task)).toEqual({ kind: 'done' });
    const gone = await view(task);
    expect(gone).toMatchObject({ status: 'failed', session: { deleted: true } });
    expect(gone.last_error).toContain('deleted at Jules');
    expect(gone.verbs).toContain('get_patch');
    expect((await salvagePatch(db.rpc, aRequester(), taskId(task.id))).kind).toBe('posted');
    expect(await notes(task, 'patch')).toMatchObject([{ place: 'thread', file: 'diff --git\n', by: aRequester().id }]);
  });

  test('of a finished task takes no follow-up any more, and the task stays finished', async () => {
    const task = await started();
    await works(task, aStep());
    await says(task, { state: 'COMPLETED' });
    await wait(5 * WINDOWS.followSoonMs);
    expect((await looked(task)).verbs).toContain('publish');
    jules.failing.set('read', GONE);
    await follow(task);
    await wait(WINDOWS.deletedMs);
    jules.failing.set('read', GONE);
    await follow(task);
    const gone = await view(task);
    expect(gone).toMatchObject({ status: 'completed', session: { deleted: true } });
    expect(gone.verbs).not.toContain('publish');
  });
});

describe('the last patch of a session', () => {
  const patched = async (...news: JulesActivity[]) => {
    const task = await started();
    await works(task, ...news);
    await decideTask(db.rpc, anApprover(), { taskId: taskId(task.id), verb: 'cancel' });
    return task;
  };
  const step = (output: JulesOutput) => anActivity('progressUpdated', { progress: {}, artifacts: [output] });
  const salvage = (task: TaskView, actor = aRequester()) => salvagePatch(db.rpc, actor, taskId(task.id));

  test('is the newest one, as it was written, and comes once to each who asks for it', async () => {
    const text = 'diff --git a/a b/a\r\n+\u00e4 \u{1f680} @everyone ```\n';
    const task = await patched(step(aPatch('old\n')), step(aPatch(text)), step(aPatch('')));
    await Promise.all([salvage(task), salvage(task), salvage(task, anApprover())]);
    expect(await notes(task, 'patch')).toMatchObject([{ file: text }, { file: text }]);
  });

  test('that is too large to be kept leads to Jules, and is not cut', async () => {
    const large = 'x'.repeat(1024 * 1024 + 1);
    const whole = await patched(step(aPatch(large)));
    expect(await salvage(whole)).toMatchObject({ kind: 'too_large', chars: large.length });
    const cut = await patched(step(aPatch('half', { patchChars: 9 })));
    expect(await salvage(cut)).toMatchObject({ kind: 'too_large', chars: 9 });
    const wide = await patched(step(aPatch('\u00e4'.repeat(600_000))));
    expect((await salvage(wide)).kind).toBe('too_large');
  });

  test('is offered while work hangs or is over, not while it goes on, and to nobody from elsewhere', async () => {
    const task = await started();
    expect((await works(task, step(aPatch('diff\n')))).verbs).not.toContain('get_patch');
    expect((await says(task, { state: 'PAUSED' })).verbs).toContain('get_patch');
    expect((await salvage(task, anApprover({ guild: '200000000000000099' }))).kind).not.toBe('posted');
    jules.news = [];
    const without = await patched();
    expect((await view(without)).verbs).not.toContain('get_patch');
    expect((await salvage(without)).kind).toBe('no_patch');
  });

  test('is kept for 90 days', async () => {
    const task = await patched(step(aPatch('diff\n')));
    await db.sql`update verne.patches set kept_at = verne.now() - interval '91 days' where task_id = ${task.id}`;
    expect(await db.rpc('prune_tasks', {})).toEqual({ patches: 1 });
    expect((await salvage(task)).kind).toBe('no_patch');
  });
});

describe('a plan that Jules dropped just before its approval', () => {
  const approvedTooLate = async (facts: { planReview?: boolean } = {}) => {
    const task = await started(facts);
    jules.news.push(aPlan());
    await says(task, { state: 'AWAITING_PLAN_APPROVAL' });
    return task;
  };
  const dropped = async (task: TaskView) => {
    await says(task, { state: 'COMPLETED' });
    const before = await view(task);
    await wait(5 * WINDOWS.followSoonMs);
    await follow(task);
    return before;
  };

  test('never ran: it is opened anew, once its list of activities had time', async () => {
    const task = await approvedTooLate();
    expect(jules.calls.filter((call) => call.startsWith('approve'))).toHaveLength(1);
    const before = await dropped(task);
    expect(before).toMatchObject({ status: 'in_progress', session: { phase: 'finishing', recreated: 0 } });
    const after = await view(task);
    expect(after.status).toBe('in_progress');
    expect(after.session).toMatchObject({ recreated: 1, name: null, approved_at: null });
  });

  test('and read by a person waits to be made again, and says that the approval came too late', async () => {
    const task = await approvedTooLate({ planReview: true });
    const { plan_hash: plan } = await view(task);
    await approvePlan(db.rpc, anApprover(), taskId(task.id), plan ?? '');
    await follow(task);
    await dropped(task);
    const late = await view(task);
    expect(late.session).toMatchObject({ phase: 'plan_expired', plan_approved_by: anApprover().id, recreated: 0 });
    expect(late.verbs).toContain('plan_again');
    await follow(task);
    expect((await view(task)).session?.phase).toBe('plan_expired');
    await wait(WINDOWS.remindMs);
    await reminded(task);
    expect(await notes(task, 'reminder')).toMatchObject([{ what: 'plan_again' }]);
  });

  test.each([
    ['its approval turns up late', () => anActivity('planApproved')],
    ['it worked', () => aStep()],
    ['it said something', () => anActivity('agentMessaged', { message: 'Nothing to do.' })],
    ['something unknown came of it', () => anActivity('unknown')],
  ])('is not run twice where %s', async (_what, news) => {
    const task = await approvedTooLate();
    await says(task, { state: 'COMPLETED' });
    jules.news.push(news());
    await follow(task);
    await wait(5 * WINDOWS.followSoonMs);
    await follow(task);
    expect(await view(task)).toMatchObject({ status: 'completed', session: { recreated: 0 } });
  });

  test('is not run twice where Jules will not list what it did', async () => {
    const task = await approvedTooLate();
    for (const state of ['COMPLETED', 'COMPLETED']) {
      jules.failing.set('activities', GONE);
      await says(task, { state });
      await wait(5 * WINDOWS.followSoonMs);
    }
    jules.failing.set('activities', GONE);
    await follow(task);
    expect(await view(task)).toMatchObject({ status: 'completed', session: { recreated: 0 } });
  });
});
