import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RemoteFailure } from '#kernel/errors.ts';
import { taskId } from '#kernel/ids.ts';
import { decideTask } from '#tasks/decide-task.ts';
import { followSession } from '#tasks/follow-session.ts';
import { listSources } from '#tasks/list-sources.ts';
import { openSession } from '#tasks/open-session.ts';
import type { JulesActivity } from '#tasks/ports.ts';
import { readTask } from '#tasks/read-task.ts';
import { sweepAccount } from '#tasks/sweep-account.ts';
import type { TaskView } from '#tasks/task.ts';
import { tellDead } from '#tasks/tell-dead.ts';
import { moveClock } from '../support/clock.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import {
  aDelivery,
  anApprover,
  aServer,
  aSession,
  aTask,
  type FakeJules,
  fakeJules,
  someSources,
  WINDOWS,
} from '../support/tasks.ts';

let db: TestDatabase;
let jules: FakeJules;
let key: string;
beforeAll(async () => {
  db = await freshDatabase();
  key = await aServer(db, { perDay: 1000, atOnce: 1000 });
  await someSources(db, key);
});
afterAll(() => db.close());
beforeEach(() => {
  jules = fakeJules();
});

const PR = 'https://github.com/octo/repo/pull/7';
const deps = () => ({ rpc: db.rpc, sessions: jules, windows: WINDOWS });
const now = async () => (await db.sql`select verne.now() as now`)[0]?.now as Date;
const follow = async ({ id }: TaskView) => followSession(deps(), aDelivery('task', id, { now: await now() }));
const view = async ({ id }: TaskView) => {
  const found = await readTask(db.rpc, taskId(id));
  if (!found) throw new Error('the task is gone');
  return found;
};
const notes = async ({ id }: TaskView, name?: string) =>
  (
    await db.sql`select view, place, facts from verne.messages where subject = ${`task:${id}`} and kind = 'note' order by seq`
  ).filter((note) => !name || note.view === name);
const isNow = (facts: object) => {
  jules.sessions = jules.sessions.map((session) => ({ ...session, updateTime: new Date(), ...facts }));
};

async function anOpenTask() {
  const task = await aTask(db, anApprover());
  await openSession(deps(), aDelivery('task', task.id, { now: await now() }));
  return task;
}

let activities = 0;
const anActivity = (kind: JulesActivity['kind'], facts: object = {}): JulesActivity => {
  activities += 1;
  const base = {
    name: `sessions/x/activities/${activities}`,
    createTime: new Date(Date.now() + activities),
    description: null,
    artifacts: [],
  };
  return { ...base, kind, ...facts } as JulesActivity;
};
const plan = () =>
  anActivity('planGenerated', {
    plan: {
      steps: [
        { title: 'Read', description: null },
        { title: 'Change', description: 'x' },
      ],
    },
  });
const progress = (title: string) => anActivity('progressUpdated', { progress: { title, description: null } });

describe('the straight way', () => {
  test('plan approved, progress noted once, pull request told once', async () => {
    const task = await anOpenTask();
    isNow({ state: 'AWAITING_PLAN_APPROVAL' });
    jules.news = [plan()];
    expect(await follow(task)).toMatchObject({ kind: 'wait' });
    expect(jules.calls).toContain(`approve ${jules.sessions[0]?.name}`);
    expect(await view(task)).toMatchObject({
      session: { phase: 'working' },
      plan: [{ title: 'Read' }, { title: 'Change' }],
    });

    isNow({ state: 'IN_PROGRESS' });
    jules.news = [...jules.news, anActivity('planApproved'), progress('Change')];
    await follow(task);
    await follow(task);
    expect((await view(task)).session?.progress).toMatchObject({ step: 1, latest: 'Change' });
    expect((await notes(task)).map((note) => note.view)).toEqual(['opened', 'plan', 'activity']);

    isNow({ state: 'COMPLETED', outputs: [{ kind: 'pullRequest', url: PR }] });
    expect(await follow(task)).toEqual({ kind: 'done' });
    expect(await follow(task)).toEqual({ kind: 'done' });
    expect(await view(task)).toMatchObject({ status: 'completed', pr_url: PR, session: { phase: 'done_pr' } });
    expect(await notes(task, 'outcome')).toMatchObject([{ place: 'channel', facts: { pr_url: PR } }]);
  });

  test('two followers at once write one state', async () => {
    const task = await anOpenTask();
    isNow({ state: 'COMPLETED', outputs: [{ kind: 'pullRequest', url: PR }] });
    await Promise.all([follow(task), follow(task), follow(task)]);
    expect(await notes(task, 'outcome')).toHaveLength(1);
    const [found] =
      await db.sql`select count(*)::int from verne.events where key = ${`task:${task.id}`} and topic = 'task.completed'`;
    expect(found?.count).toBe(1);
  });

  test('somebody who waits is looked after sooner than somebody who works', async () => {
    const task = await anOpenTask();
    const waits = async (state: string) => {
      isNow({ state });
      const answer = await follow(task);
      return answer.kind === 'wait'
        ? Math.round((answer.until.getTime() - (await now()).getTime()) / 1000)
        : answer.kind;
    };
    expect(await waits('AWAITING_USER_FEEDBACK')).toBe(12);
    expect(await waits('IN_PROGRESS')).toBe(45);
  });
});

describe('honest ends', () => {
  test('a question is a note of its own, and the card knows that somebody is waited for', async () => {
    const task = await anOpenTask();
    isNow({ state: 'AWAITING_USER_FEEDBACK' });
    jules.news = [anActivity('agentMessaged', { message: 'Which database?' })];
    await follow(task);
    expect(await view(task)).toMatchObject({
      status: 'in_progress',
      session: { phase: 'needs_input', progress: { question: 'Which database?' } },
    });
    expect(await notes(task, 'question')).toMatchObject([{ place: 'thread', facts: { text: 'Which database?' } }]);
  });

  test('a question whose message came before the state that says so is still asked, once', async () => {
    const task = await anOpenTask();
    isNow({ state: 'IN_PROGRESS' });
    jules.news = [anActivity('agentMessaged', { message: 'Which database?' })];
    await follow(task);
    expect(await notes(task, 'message')).toHaveLength(1);
    jules.news = [];
    isNow({ state: 'AWAITING_USER_FEEDBACK' });
    await follow(task);
    await follow(task);
    expect(await notes(task, 'question')).toMatchObject([{ facts: { text: 'Which database?' } }]);
  });

  test('a message that was answered is not taken for the next question', async () => {
    const task = await anOpenTask();
    isNow({ state: 'IN_PROGRESS' });
    jules.news = [
      anActivity('agentMessaged', { message: 'All well.' }),
      anActivity('userMessaged', { message: 'Good.' }),
    ];
    await follow(task);
    jules.news = [];
    isNow({ state: 'AWAITING_USER_FEEDBACK' });
    await follow(task);
    expect(await notes(task, 'question')).toEqual([]);
  });

  test('a failure is kept with its reason and told in the channel', async () => {
    const task = await anOpenTask();
    isNow({ state: 'FAILED' });
    jules.news = [anActivity('sessionFailed', { reason: 'cannot build' })];
    expect(await follow(task)).toEqual({ kind: 'done' });
    expect(await view(task)).toMatchObject({ status: 'failed', last_error: 'cannot build' });
    expect(await notes(task, 'outcome')).toMatchObject([{ facts: { phase: 'failed', error: 'cannot build' } }]);
  });

  test('a session that was deleted elsewhere fails the task', async () => {
    const task = await anOpenTask();
    jules.failing.set('read', new RemoteFailure('gone', { service: 'jules', code: 404, retry: 'never' }));
    expect(await follow(task)).toMatchObject({ kind: 'wait' });
    await moveClock(db.sql, WINDOWS.deletedMs + 1000);
    jules.failing.set('read', new RemoteFailure('gone', { service: 'jules', code: 404, retry: 'never' }));
    expect(await follow(task)).toEqual({ kind: 'done' });
    expect((await view(task)).last_error).toContain('deleted at Jules');
  });

  test('a session that Jules does not find for less than minutes goes on', async () => {
    const task = await anOpenTask();
    const gone = new RemoteFailure('gone', { service: 'jules', code: 404, retry: 'never' });
    for (const passedMs of [0, WINDOWS.followSoonMs + 1000, WINDOWS.deletedMs - WINDOWS.followSoonMs - 2000]) {
      await moveClock(db.sql, passedMs);
      jules.failing.set('read', gone);
      const answer = await follow(task);
      expect(answer).toMatchObject({ kind: 'wait' });
      expect((await view(task)).status).toBe('in_progress');
    }
    await moveClock(db.sql, WINDOWS.followMs);
    isNow({ state: 'IN_PROGRESS' });
    await follow(task);
    expect(await view(task)).toMatchObject({ status: 'in_progress', session: { phase: 'working', deleted: false } });
    jules.failing.set('read', gone);
    expect(await follow(task)).toMatchObject({ kind: 'wait' });
  });

  test('a plan whose approval may have gone out before a crash is waited for, and only then made again', async () => {
    const task = await anOpenTask();
    isNow({ state: 'AWAITING_PLAN_APPROVAL' });
    jules.news = [plan()];
    await follow(task);
    await db.sql`update verne.sessions set phase = 'approving', approval_sent_at = null where task_id = ${task.id}`;
    isNow({ state: 'COMPLETED' });
    await follow(task);
    expect((await view(task)).session).toMatchObject({ phase: 'finishing', recreated: 0 });
    await moveClock(db.sql, WINDOWS.followSoonMs);
    await follow(task);
    expect((await view(task)).session).toMatchObject({ phase: 'finishing', recreated: 0 });
    await moveClock(db.sql, 5 * WINDOWS.followSoonMs);
    await follow(task);
    expect((await view(task)).session).toMatchObject({ recreated: 1 });
  });

  test('a refused key is shown on the card; the task waits for a working one', async () => {
    const task = await anOpenTask();
    jules.failing.set('read', new RemoteFailure('Jules answered 401', { service: 'jules', code: 401, retry: 'never' }));
    expect(await follow(task)).toMatchObject({ kind: 'wait' });
    expect(await view(task)).toMatchObject({ status: 'in_progress', last_error: 'Jules answered 401' });
    isNow({ state: 'IN_PROGRESS' });
    await follow(task);
    expect((await view(task)).last_error).toBeNull();
  });

  test('an unknown state is shown by Jules’s own word', async () => {
    const task = await anOpenTask();
    isNow({ state: 'MEDITATING' });
    await follow(task);
    expect((await view(task)).session).toMatchObject({ phase: 'unknown', jules_state: 'MEDITATING' });
  });

  test('activities that are not there yet are no failure', async () => {
    const task = await anOpenTask();
    jules.failing.set('activities', new RemoteFailure('not yet', { service: 'jules', code: 404, retry: 'never' }));
    expect(await follow(task)).toMatchObject({ kind: 'wait' });
    expect((await view(task)).status).toBe('in_progress');
  });

  test('a plan that expired unapproved is opened again under a new marker; the old session becomes a stray', async () => {
    const task = await anOpenTask();
    const [before] = await db.sql`select name, marker from verne.sessions where task_id = ${task.id}`;
    isNow({ state: 'COMPLETED' });
    jules.news = [plan()];
    expect(await follow(task)).toEqual({ kind: 'done' });
    const [after] = await db.sql`select name, marker, recreated from verne.sessions where task_id = ${task.id}`;
    expect(after).toMatchObject({ name: null, recreated: 1 });
    expect(after?.marker).not.toBe(before?.marker);
    expect(await db.sql`select name from verne.strays where task_id = ${task.id}`).toMatchObject([
      { name: before?.name },
    ]);
    jules.news = [];
    await openSession(deps(), aDelivery('task', task.id, { now: await now() }));
    expect((await view(task)).session).toMatchObject({ phase: 'planning', recreated: 1 });
    expect(jules.calls.filter((call) => call.startsWith('approve'))).toEqual([]);
  });

  test('finished work that comes back is in progress again, and a late pull request is told once', async () => {
    const task = await anOpenTask();
    isNow({ state: 'IN_PROGRESS' });
    jules.news = [plan(), anActivity('planApproved')];
    await follow(task);
    isNow({ state: 'COMPLETED' });
    await follow(task);
    await moveClock(db.sql, 5 * WINDOWS.followSoonMs + 1000);
    await follow(task);
    expect(await view(task)).toMatchObject({ status: 'completed', pr_url: null, session: { phase: 'done_nothing' } });
    isNow({ state: 'IN_PROGRESS' });
    await follow(task);
    expect(await view(task)).toMatchObject({ status: 'in_progress', session: { ended_at: null } });
    isNow({ state: 'COMPLETED', outputs: [{ kind: 'pullRequest', url: PR }] });
    await follow(task);
    expect(await view(task)).toMatchObject({ status: 'completed', pr_url: PR });
    expect((await notes(task, 'outcome')).map((note) => note.facts.pr_url)).toEqual([null, PR]);
  });
});

describe('cancelled', () => {
  test('the session is archived once, its plan is never approved, and nothing revives the task', async () => {
    const task = await anOpenTask();
    await decideTask(db.rpc, anApprover(), { taskId: taskId(task.id), verb: 'cancel' });
    isNow({ state: 'AWAITING_PLAN_APPROVAL' });
    expect(await follow(task)).toEqual({ kind: 'done' });
    expect(await follow(task)).toEqual({ kind: 'done' });
    expect(jules.calls.filter((call) => /approve|archive/.test(call))).toEqual([`archive ${jules.sessions[0]?.name}`]);
    expect(await view(task)).toMatchObject({ status: 'cancelled', session: { phase: 'stopped' } });
  });

  test('a session that is gone already counts as stopped', async () => {
    const task = await anOpenTask();
    await decideTask(db.rpc, anApprover(), { taskId: taskId(task.id), verb: 'cancel' });
    jules.failing.set('archive', new RemoteFailure('gone', { service: 'jules', code: 404, retry: 'never' }));
    expect(await follow(task)).toEqual({ kind: 'done' });
    expect((await view(task)).session?.phase).toBe('stopped');
  });
});

describe('the sweep of an account', () => {
  const accountOf = async ({ id }: TaskView) =>
    String((await db.sql`select account_id from verne.sessions where task_id = ${id}`)[0]?.account_id);
  const sweep = async (task: TaskView) =>
    sweepAccount(deps(), aDelivery('account', await accountOf(task), { now: await now() }));
  const moved = async ({ id }: TaskView) =>
    (await db.sql`select count(*)::int from verne.events where key = ${`task:${id}`} and topic = 'session.moved'`)[0]
      ?.count;

  test('tells what moved, once, and only that', async () => {
    const [task, other] = [await anOpenTask(), await anOpenTask()];
    await sweep(task);
    const before = [await moved(task), await moved(other)];
    jules.sessions = jules.sessions.map((session, at) =>
      at === 1 ? { ...session, state: 'IN_PROGRESS', updateTime: new Date(5) } : session,
    );
    await sweep(task);
    await sweep(task);
    expect([await moved(task), await moved(other)]).toEqual([before[0] + 1, before[1]]);
  });

  test('finds a stray by its marker, archives it, and never approves it', async () => {
    const task = await anOpenTask();
    const [{ marker } = { marker: '' }] = await db.sql`select marker from verne.sessions where task_id = ${task.id}`;
    const stray = aSession({
      name: `sessions/stray${task.number}` as never,
      title: `x [${marker}]`,
      state: 'AWAITING_PLAN_APPROVAL',
    });
    jules.sessions = [stray, ...jules.sessions];
    await sweep(task);
    await sweep(task);
    expect(jules.calls.filter((call) => call.endsWith(stray.name))).toEqual([`archive ${stray.name}`]);
    expect(
      await db.sql`select archived_at is not null as archived from verne.strays where name = ${stray.name}`,
    ).toEqual([{ archived: true }]);
  });

  test('a prompt that quotes another task’s marker does not make its session a stray', async () => {
    const [old, task] = [await anOpenTask(), await anOpenTask()];
    const markers = await db.sql`select task_id, marker from verne.sessions where task_id in (${old.id}, ${task.id})`;
    const markerOf = ({ id }: TaskView) => markers.find((row) => row.task_id === id)?.marker;
    jules.sessions = jules.sessions.map((session) =>
      session.prompt.includes(markerOf(task))
        ? { ...session, prompt: `again: [${markerOf(old)}]\n\n[${markerOf(task)}]` }
        : session,
    );
    await sweep(task);
    await sweep(task);
    expect(await db.sql`select 1 from verne.strays where task_id in (${old.id}, ${task.id})`).toHaveLength(0);
    expect(jules.calls.filter((call) => call.startsWith('archive'))).toEqual([]);
  });

  test('a task that waits for its place keeps the sweep alive, and gets the place when the day is over', async () => {
    const guild = '980000000000000002';
    await aServer(db, { guild, perDay: 1 });
    const [first, second] = [await aTask(db, anApprover({ guild })), await aTask(db, anApprover({ guild }))];
    await decideTask(db.rpc, anApprover({ guild }), { taskId: taskId(first.id), verb: 'cancel' });
    await moveClock(db.sql, 12 * 3_600_000);
    expect(await sweep(second)).toMatchObject({ kind: 'wait' });
    expect((await view(second)).session?.queue?.place).toBe(1);
    await moveClock(db.sql, 12 * 3_600_000 + 1000);
    jules.failing.set('list', new RemoteFailure('down', { service: 'jules', code: 503, retry: 'soon' }));
    await sweep(second);
    expect((await view(second)).session?.phase).toBe('opening');
    const [watched] =
      await db.sql`select count(*)::int from verne.deliveries where subscriber = 'tasks.sweep_account' and key = ${`account:${await accountOf(second)}`}`;
    expect(watched?.count).toBeGreaterThan(0);
  });

  test('goes on while something lives, rests when all is done, and ends when nothing ended lately', async () => {
    const guild = '980000000000000001';
    await aServer(db, { guild });
    const task = await aTask(db, anApprover({ guild }));
    await openSession(deps(), aDelivery('task', task.id, { now: await now() }));
    const restS = async () => {
      const answer = await sweep(task);
      return answer.kind === 'wait'
        ? Math.round((answer.until.getTime() - (await now()).getTime()) / 1000)
        : answer.kind;
    };
    expect(await restS()).toBe(10);
    await decideTask(db.rpc, anApprover({ guild }), { taskId: taskId(task.id), verb: 'cancel' });
    expect(await restS()).toBe(60);
    await moveClock(db.sql, 6 * 3_600_000 + 1000);
    expect(await restS()).toBe('done');
  });

  test('a refused key is written on every card that depends on it', async () => {
    const task = await anOpenTask();
    jules.failing.set('list', new RemoteFailure('Jules answered 401', { service: 'jules', code: 401, retry: 'never' }));
    expect(await sweep(task)).toMatchObject({ kind: 'wait' });
    expect((await view(task)).last_error).toBe('Jules answered 401');
    const waiting = await aTask(db, anApprover());
    expect((await view(waiting)).session?.queue).toMatchObject({ because: 'key' });
    await sweep(task); // it works again
    expect((await view(waiting)).session?.phase).toBe('opening');
  });
});

describe('what a reviewer broke', () => {
  const end = async (task: TaskView, facts: object) => {
    isNow(facts);
    await follow(task);
  };
  const workToPullRequest = async () => {
    const task = await anOpenTask();
    await end(task, { state: 'COMPLETED', outputs: [{ kind: 'pullRequest', url: PR }] });
    await end(task, { state: 'IN_PROGRESS' });
    expect(await view(task)).toMatchObject({ status: 'in_progress', pr_url: PR });
    return task;
  };

  test('work that came back after its pull request can be cancelled, and can fail', async () => {
    const one = await workToPullRequest();
    const outcome = await decideTask(db.rpc, anApprover(), { taskId: taskId(one.id), verb: 'cancel' });
    expect(outcome).toMatchObject({ kind: 'decided', task: { status: 'cancelled', pr_url: PR } });
    jules = fakeJules();
    const other = await workToPullRequest();
    await end(other, { state: 'FAILED', outputs: [] });
    expect(await view(other)).toMatchObject({ pr_url: PR });
  });

  test('each end of work that came back is told, once', async () => {
    const task = await workToPullRequest();
    await end(task, { state: 'COMPLETED' });
    await follow(task);
    expect((await notes(task, 'outcome')).map((note) => note.facts.pr_url)).toEqual([PR, PR]);
  });

  test('a plan is not approved for a task that was cancelled while Jules was being read', async () => {
    const task = await anOpenTask();
    isNow({ state: 'AWAITING_PLAN_APPROVAL' });
    const read = jules.read;
    jules.read = async (...args) => {
      await decideTask(db.rpc, anApprover(), { taskId: taskId(task.id), verb: 'cancel' });
      return read(...args);
    };
    await follow(task);
    expect(jules.calls.filter((call) => call.startsWith('approve'))).toEqual([]);
  });

  test('a task whose key is gone for good fails after the longest silence, and is not written anew at each look', async () => {
    const task = await anOpenTask();
    const gone = () =>
      jules.failing.set('read', new RemoteFailure('no key', { service: 'jules', code: 'no_key', retry: 'never' }));
    for (let look = 0; look < 3; look += 1) {
      gone();
      await follow(task);
    }
    const [{ count } = { count: 0 }] = await db.sql`
      select count(*)::int from verne.events where key = ${`task:${task.id}`} and topic = 'session.progressed'`;
    expect(count).toBe(1);
    await moveClock(db.sql, WINDOWS.silenceMs + 1000);
    gone();
    expect(await follow(task)).toEqual({ kind: 'done' });
    expect(await view(task)).toMatchObject({ status: 'failed', last_error: 'no key' });
  });

  test('a cancelled session that cannot be archived is tried again, for a day', async () => {
    const task = await anOpenTask();
    await decideTask(db.rpc, anApprover(), { taskId: taskId(task.id), verb: 'cancel' });
    const refuse = () =>
      jules.failing.set('archive', new RemoteFailure('no', { service: 'jules', code: 403, retry: 'never' }));
    refuse();
    expect(await follow(task)).toMatchObject({ kind: 'wait' });
    await moveClock(db.sql, WINDOWS.silenceMs + 1000);
    refuse();
    expect(await follow(task)).toEqual({ kind: 'done' });
  });
});

describe('work that was given up', () => {
  const give = async (task: TaskView, subscriber: string) => {
    const event = {
      id: '1',
      topic: 'delivery.dead',
      payload: { subscriber, error: 'poison.' },
      correlationId: crypto.randomUUID(),
    };
    return tellDead(deps(), aDelivery('task', task.id, { event }));
  };

  test('is said on the card of its task, with what helps', async () => {
    const task = await anOpenTask();
    await give(task, 'tasks.open_session');
    expect((await view(task)).last_error).toMatch(/gave up.*poison\..*npm run events -- dead/);
  });

  test('changes nothing where the task is over, or where another’s work died', async () => {
    const task = await anOpenTask();
    await give(task, 'discord.show');
    expect((await view(task)).last_error).toBeNull();
    await decideTask(db.rpc, anApprover(), { taskId: taskId(task.id), verb: 'cancel' });
    await give(task, 'tasks.follow_session');
    expect((await view(task)).last_error).toBeNull();
  });
});

describe('the repositories of a key', () => {
  const list = async () => {
    const [event] = await db.sql`select payload from verne.events where key = ${`key:${key}`} and topic = 'key.added'`;
    const added = { id: '1', topic: 'key.added', payload: event?.payload, correlationId: crypto.randomUUID() };
    return listSources(deps(), aDelivery('key', key, { now: await now(), event: added }));
  };

  test('replace what was listed before', async () => {
    jules.sources = [
      { name: 'sources/github/new/one', owner: 'new', repo: 'one', defaultBranch: 'main', branches: ['main'] },
    ];
    expect(await list()).toMatchObject({ kind: 'wait' });
    expect(await db.sql`select repo from verne.sources where key_id = ${key}`).toMatchObject([{ repo: 'new/one' }]);
  });

  test('a key that is gone ends its lane; a refused one is remembered and asked again later', async () => {
    const failure = (code: string | number) => new RemoteFailure('no', { service: 'jules', code, retry: 'never' });
    jules.failing.set('listSources', failure(401));
    expect(await list()).toMatchObject({ kind: 'wait' });
    expect(await db.sql`select problem from verne.source_lists where key_id = ${key}`).toMatchObject([
      { problem: 'no' },
    ]);
    // Who entered it is told once, and only of a refusal.
    const told = await db.sql`select place, facts from verne.messages where view = 'key_refused' order by seq`;
    expect(told.at(-1)).toMatchObject({ place: 'dm', facts: { last4: '1a2b', problem: 'no' } });
    jules.failing.set('listSources', failure('no_key'));
    expect(await list()).toEqual({ kind: 'done' });
  });
});
