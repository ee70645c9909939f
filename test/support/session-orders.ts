import { expect } from 'vitest';
import { sessionName, taskId } from '#kernel/ids.ts';
import { followSession } from '#tasks/follow-session.ts';
import { openSession } from '#tasks/open-session.ts';
import type { JulesActivity, JulesOutput } from '#tasks/ports.ts';
import { readTask } from '#tasks/read-task.ts';
import { receiveReport } from '#tasks/receive-report.ts';
import { moveClock } from './clock.ts';
import type { TestDatabase } from './database.ts';
import { aDelivery, anApprover, aSession, aTask, fakeJules, WINDOWS } from './tasks.ts';

/** One session, looked at in any order that lists which lag, late facts and two workers at once can bring about. */
const PR = 'https://github.com/octo/repo/pull/7';
type Step = { readonly state: string; readonly says?: object; readonly outputs?: readonly JulesOutput[] };
const WAITS: readonly Step[] = [
  { state: 'QUEUED' },
  { state: 'PLANNING' },
  {
    state: 'AWAITING_PLAN_APPROVAL',
    says: { kind: 'planGenerated', plan: { steps: [{ title: 'Look', description: null }] } },
  },
];
const progress = (title: string) => ({ kind: 'progressUpdated', progress: { title, description: null } });
const WORKS: readonly Step[] = [
  { state: 'IN_PROGRESS', says: { kind: 'planApproved' } },
  { state: 'IN_PROGRESS', says: progress('One') },
  { state: 'AWAITING_USER_FEEDBACK', says: { kind: 'agentMessaged', message: 'Tabs?' } },
  { state: 'IN_PROGRESS', says: { kind: 'userMessaged', message: 'Tabs.' } },
  { state: 'IN_PROGRESS', says: progress('Two') },
  { state: 'IN_PROGRESS', says: { kind: 'agentMessaged', message: 'Done soon.' } },
  { state: 'IN_PROGRESS', says: { kind: 'sessionCompleted' } },
  { state: 'COMPLETED' },
  { state: 'COMPLETED', outputs: [{ kind: 'pullRequest', url: PR }] },
];
/** In the words of the thread, in the order in which Jules said them. */
const THREAD = ['opened', 'plan', 'One', 'Tabs?', 'Two', 'Done soon.'];

/** `state` and `said` are how far the session and its list of activities are read; they never go back. */
export type Look = { readonly state: number; readonly said: number; readonly twice: boolean };

const START = Date.parse('2026-11-20T09:00:00Z');
const activitiesOf = (steps: readonly Step[], id: string): JulesActivity[] =>
  steps.flatMap(({ says }, at) =>
    says
      ? [
          {
            name: `sessions/${id}/activities/${at}`,
            createTime: new Date(START + at * 60_000),
            description: null,
            artifacts: [],
            ...says,
          } as unknown as JulesActivity,
        ]
      : [],
  );

async function opened(db: TestDatabase) {
  const jules = fakeJules();
  jules.activities = async (_key, { since }) => jules.news.filter(({ createTime }) => !since || createTime > since);
  const task = await aTask(db, anApprover());
  const deps = { rpc: db.rpc, sessions: jules, windows: WINDOWS };
  const lane = async () => {
    const [row] = await db.sql`select verne.now() as now`;
    return aDelivery('task', task.id, { now: row?.now as Date });
  };
  await openSession(deps, await lane());
  const own = jules.sessions[0]?.name ?? sessionName('');
  const follow = async () => followSession(deps, await lane());
  return { jules, task, follow, own };
}

type Opened = Awaited<ReturnType<typeof opened>>;

async function look({ jules, follow, own }: Opened, steps: readonly Step[], { state, said, twice }: Look) {
  const { state: word = '', outputs = [] } = steps[Math.min(state, steps.length - 1)] ?? {};
  jules.sessions = [aSession({ name: own, state: word, outputs })];
  jules.news = activitiesOf(steps.slice(0, said + 1), own);
  await Promise.all(twice ? [follow(), follow()] : [follow()]);
}

const monotone = (looks: readonly Look[], most: number): Look[] => {
  const states = looks.map(({ state }) => state % (most + 1)).toSorted((a, b) => a - b);
  const saids = looks.map(({ said }) => said % (most + 1)).toSorted((a, b) => a - b);
  return looks.map(({ twice }, at) => ({ state: states[at] ?? 0, said: saids[at] ?? 0, twice }));
};

async function truthOf(db: TestDatabase, { task }: Opened) {
  const seen = await readTask(db.rpc, taskId(task.id));
  const topics = await db.sql`select topic from verne.events where key = ${`task:${task.id}`} order by id`;
  const notes =
    await db.sql`select view, place, facts from verne.messages where subject = ${`task:${task.id}`} and kind = 'note' order by seq`;
  const told = notes
    .filter(({ place, view }) => place === 'thread' && view !== 'closing')
    .flatMap(({ view, facts }) =>
      view === 'activity' ? facts.entries.map(({ title }: { title: string }) => title) : [facts.text ?? view],
    );
  return {
    status: seen?.status,
    pr: seen?.pr_url,
    phase: seen?.session?.phase,
    recreated: seen?.session?.recreated,
    isApproved: seen?.session?.approved_at != null,
    ends: topics.map(({ topic }) => topic).filter((topic) => /^task\.(completed|failed|resumed)$/.test(topic)),
    outcomes: notes.filter(({ view }) => view === 'outcome').length,
    // What was told before Jules was seen to wait for its answer is asked as well.
    told: told.filter((words, at) => words !== told[at - 1]),
  };
}

const END = {
  status: 'completed',
  pr: PR,
  phase: 'done_pr',
  recreated: 0,
  isApproved: true,
  ends: ['task.completed'],
  outcomes: 1,
};

/** W02: whatever is seen of a session, in whatever pieces, it ends the same, is told in order, and never goes back. */
export async function seenInPieces(db: TestDatabase, before: readonly Look[], after: readonly Look[]) {
  const session = await opened(db);
  for (const one of monotone(before, WAITS.length - 1)) await look(session, WAITS, one);
  await look(session, WAITS, { state: 2, said: 2, twice: false });
  const steps = [...WAITS, ...WORKS];
  for (const one of monotone(after, WORKS.length - 2))
    await look(session, steps, { ...one, state: one.state + WAITS.length, said: one.said + WAITS.length });
  const last = steps.length - 1;
  await look(session, steps, { state: last, said: last, twice: true });
  await moveClock(db.sql, 1000);
  await look(session, steps, { state: last, said: last, twice: false });
  expect(await truthOf(db, session)).toEqual({ ...END, told: THREAD });
}

/** R08: Jules's own list and reports from outside tell of the same end at once. */
export async function toldByBoth(db: TestDatabase, reports: number) {
  const session = await opened(db);
  const steps = [...WAITS, ...WORKS];
  await look(session, WAITS, { state: 2, said: 2, twice: false });
  await look(session, steps, { state: 5, said: 5, twice: false });
  const last = steps.length - 1;
  const report = (id: string) =>
    receiveReport(db.rpc, { id, task_id: session.task.id, state: 'COMPLETED', pr_url: PR } as never);
  await Promise.all([
    look(session, steps, { state: last, said: last, twice: true }),
    ...Array.from({ length: reports }, (_, at) => report(`${session.task.id}-${at % 2}`)),
    session.follow(),
  ]);
  await session.follow();
  await session.follow();
  const { told: _told, ...truth } = await truthOf(db, session);
  expect(truth).toEqual(END);
}
