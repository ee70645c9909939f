import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Actor } from '#kernel/actor.ts';
import { taskId } from '#kernel/ids.ts';
import { decideTask } from '#tasks/decide-task.ts';
import { SESSION_PHASES } from '#tasks/session.ts';
import { DECISIONS, SESSION_VERBS, TASK_STATUSES, type TaskDecision, type TaskView } from '#tasks/task.ts';
import { anActor } from '../support/actors.ts';
import { moveClock } from '../support/clock.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { anApprover, aRequester, aServer, aTask } from '../support/tasks.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
  await aServer(db);
});
afterAll(() => db.close());

const decide = (actor: Actor, { id }: TaskView, verb: TaskDecision, reason?: string) =>
  decideTask(db.rpc, actor, { taskId: taskId(id), verb, reason });

describe('one winner', () => {
  test('of many approvers who press at once one wins, and the others are told who', async () => {
    const task = await aTask(db);
    const approvers = Array.from({ length: 20 }, (_, at) => anApprover({ id: `1000000000000001${10 + at}` }));
    const outcomes = await Promise.all(
      approvers.map((actor, at) => decide(actor, task, at % 2 ? 'confirm' : 'reject', 'because')),
    );
    const winners = outcomes.filter((outcome) => outcome.kind === 'decided');
    expect(winners).toHaveLength(1);
    const [winner] = winners;
    const decidedBy = winner?.kind === 'decided' ? winner.task.decided_by : undefined;
    for (const outcome of outcomes) {
      if (outcome.kind === 'decided') continue;
      expect(outcome).toMatchObject({ kind: 'too_late', task: { decided_by: decidedBy } });
    }
    const [events] = await db.sql`
      select count(*)::int from verne.events where key = ${`task:${task.id}`} and topic in ('task.confirmed', 'task.rejected')`;
    expect(events?.count).toBe(1);
  });

  test('a press waits for what is being written of its task, and is told what became of it', async () => {
    const task = await aTask(db, anApprover());
    const change = { phase: 'done_nothing', end: { verb: 'complete' } };
    const waits = () =>
      db.sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    const { press } = await db.sql.begin(async (worker) => {
      await worker`select public.record_session(task_id::text, revision, ${worker.json(change)})
        from verne.sessions where task_id = ${task.id}`;
      const press = decide(anApprover(), task, 'cancel');
      await expect.poll(waits).toHaveLength(1);
      return { press };
    });
    await expect(press).resolves.toMatchObject({ kind: 'too_late', task: { status: 'completed' } });
  });

  test('a press that arrives twice is one press; the same person pressing later is late', async () => {
    const task = await aTask(db);
    const presses = await Promise.all([decide(anApprover(), task, 'confirm'), decide(anApprover(), task, 'confirm')]);
    expect(presses.map(({ kind }) => kind)).toEqual(['decided', 'decided']);
    expect((await decide(anApprover(), task, 'reject')).kind).toBe('too_late');
    await moveClock(db.sql, 11_000);
    expect((await decide(anApprover(), task, 'confirm')).kind).toBe('too_late');
    const [found] = await db.sql`
      select (select count(*) from verne.sessions where task_id = ${task.id})::int as sessions,
        (select count(*) from verne.events where key = ${`task:${task.id}`} and topic = 'task.confirmed')::int as events`;
    expect(found).toEqual({ sessions: 1, events: 1 });
  });
});

describe('who may decide', () => {
  test('neither the requester nor an outsider confirms or rejects', async () => {
    const task = await aTask(db);
    for (const actor of [aRequester(), anActor()]) {
      for (const verb of ['confirm', 'reject'] as const) {
        expect(await decide(actor, task, verb)).toMatchObject({ kind: 'not_permitted', operation: 'task.confirm' });
      }
    }
  });

  test('roles without any claim refuse: a gate that knows nothing does not let pass', async () => {
    const task = await aTask(db);
    const nobody = { id: anActor().id, guild: anActor().guild, door: 'gateway', command: 'x', channel: null };
    for (const verb of ['confirm', 'cancel']) {
      const outcome = await db.rpc('decide_task', { actor: nobody, task_id: task.id, verb });
      expect(outcome).toMatchObject({ kind: 'not_permitted' });
    }
  });

  test('a task of another server does not exist, even for its approvers', async () => {
    const task = await aTask(db);
    await aServer(db, { guild: '910000000000000009' });
    const stranger = anApprover({ guild: '910000000000000009' });
    expect(await decide(stranger, task, 'confirm')).toEqual({ kind: 'unknown_task' });
    expect(await decide(anApprover(), { ...task, id: crypto.randomUUID() }, 'confirm')).toEqual({
      kind: 'unknown_task',
    });
  });

  test('the requester withdraws, an approver cancels, an outsider does neither', async () => {
    expect(await decide(aRequester(), await aTask(db), 'cancel')).toMatchObject({
      task: { status: 'cancelled', ended_by: aRequester().id },
    });
    expect(await decide(anApprover(), await aTask(db), 'cancel')).toMatchObject({
      task: { status: 'cancelled', ended_by: anApprover().id },
    });
    expect(await decide(anActor(), await aTask(db), 'cancel')).toMatchObject({ kind: 'not_permitted' });
  });

  test('a cancellation does not overwrite who confirmed', async () => {
    const task = await aTask(db);
    await decide(anApprover(), task, 'confirm');
    const cancelled = await decide(aRequester(), task, 'cancel');
    expect(cancelled).toMatchObject({ task: { decided_by: anApprover().id, ended_by: aRequester().id } });
  });
});

describe('what a decision leaves behind', () => {
  test('a rejection keeps its reason, and a note waits for the requester', async () => {
    const task = await aTask(db);
    expect(await decide(anApprover(), task, 'reject', 'not now')).toMatchObject({
      task: { status: 'rejected', reason: 'not now' },
    });
    const notes =
      await db.sql`select place, place_id, facts from verne.messages where subject = ${`task:${task.id}`} and view = 'rejection'`;
    expect(notes).toMatchObject([{ place: 'dm', place_id: aRequester().id, facts: { reason: 'not now' } }]);
  });

  test('every press is audited, also the late and the refused', async () => {
    const task = await aTask(db);
    await decide(anActor(), task, 'confirm');
    await decide(anApprover(), task, 'confirm');
    await decide(anApprover(), task, 'reject');
    const entries = await db.sql`select outcome from verne.audit where args ->> 'task' = ${task.id} order by seq`;
    expect(entries.map((entry) => entry.outcome)).toEqual([
      'allowed',
      'refused: not_permitted',
      'allowed',
      'refused: too_late',
    ]);
  });

  test('the audit is append-only, even for the owner of the table', async () => {
    await expect(db.sql`update verne.audit set outcome = 'allowed'`).rejects.toThrow(/append-only/);
    await expect(db.sql`delete from verne.audit`).rejects.toThrow(/append-only/);
    await expect(db.sql`truncate verne.audit`).rejects.toThrow(/append-only/);
  });
});

describe('transitions', () => {
  test('no writer moves a task along a way that the table does not have', async () => {
    const allowed = await db.sql`select from_state, to_state from verne.transitions where noun = 'task'`;
    const isAllowed = (from: string, to: string) =>
      from === to || allowed.some((way) => way.from_state === from && way.to_state === to);
    for (const from of TASK_STATUSES) {
      for (const to of TASK_STATUSES) {
        const task = await aTask(db);
        await db.sql`alter table public.tasks disable trigger guard_task`;
        await db.sql`update public.tasks set status = ${from}, decided_by = 'x', decided_at = now(), ended_by = 'x', last_error = 'x' where id = ${task.id}`;
        await db.sql`alter table public.tasks enable trigger guard_task`;
        const moved = db.sql`update public.tasks set status = ${to} where id = ${task.id}`.then(
          () => true,
          () => false,
        );
        expect([from, to, await moved]).toEqual([from, to, isAllowed(from, to)]);
      }
    }
  });

  test('the words of the code are the words of the database', async () => {
    const wordsOf = async (constraint: string) => {
      const [found] =
        await db.sql`select pg_get_constraintdef(oid) as text from pg_constraint where conname = ${constraint}`;
      return [...String(found?.text).matchAll(/'([a-z_]+)'::text/g)].map(([, word]) => word).sort();
    };
    expect(await wordsOf('status_is_known')).toEqual([...TASK_STATUSES].sort());
    expect(await wordsOf('phase_is_known')).toEqual([...SESSION_PHASES].sort());
    const verbs =
      await db.sql`select distinct verb from verne.transitions where noun = 'task' and operation is not null order by verb`;
    expect(verbs.map((row) => row.verb)).toEqual([...DECISIONS].sort());
    const [view] = await db.sql`select pg_get_functiondef('verne.session_verbs'::regproc) as text`;
    const offered = [...String(view?.text).matchAll(/\('([a-z_]+)', (?:session|task)\./g)]
      .map(([, word]) => word)
      .sort();
    expect(offered).toEqual([...SESSION_VERBS].sort());
  });
});

test('who is signed in to a dashboard calls what is for dashboards, and anon calls nothing', async () => {
  const callable = await db.sql`
    select r.rolname as role, format('%s.%s', n.nspname, p.proname) as name
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace, pg_roles r
    where n.nspname in ('public', 'verne') and r.rolname in ('anon', 'authenticated')
      and has_function_privilege(r.rolname, p.oid, 'execute')
      and has_schema_privilege(r.rolname, n.nspname, 'usage')`;
  expect(callable).toEqual([{ role: 'authenticated', name: 'public.read_membership' }]);
});

test('the bot’s role executes functions and reaches no table', async () => {
  const reachable = await db.sql`
    select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('public', 'verne') and c.relkind in ('r', 'v')
      and has_table_privilege('verne_worker', c.oid, 'select, insert, update, delete')`;
  expect(reachable).toEqual([]);
});
