import { followSession } from '#tasks/follow-session.ts';
import { openSession } from '#tasks/open-session.ts';
import type { JulesActivity, JulesOutput, Sessions } from '#tasks/ports.ts';
import { receiveReport } from '#tasks/receive-report.ts';
import { sweepAccount } from '#tasks/sweep-account.ts';
import type { TestDatabase } from './database.ts';
import type { Seeded } from './seeded.ts';
import { aDelivery, anApprover, aServer, aSession, aTask, fakeJules, someSources, WINDOWS } from './tasks.ts';

/** One step of a session at Jules: its state, what is new in its list of activities, what has come out of it. */
type Beat = {
  readonly state: string;
  readonly tells?: Partial<JulesActivity>;
  readonly outputs?: readonly JulesOutput[];
};

const PR = 'https://github.com/octo/repo/pull/7';
const step = (title: string) => ({ kind: 'progressUpdated', progress: { title, description: null } }) as const;

/** A life in which everything that people are told of happens once. */
const LIFE: readonly Beat[] = [
  { state: 'PLANNING' },
  {
    state: 'AWAITING_PLAN_APPROVAL',
    tells: { kind: 'planGenerated', plan: { steps: [{ title: 'Read', description: null }] } },
  },
  { state: 'IN_PROGRESS', tells: { kind: 'planApproved' } },
  { state: 'IN_PROGRESS', tells: step('Read') },
  { state: 'AWAITING_USER_FEEDBACK', tells: { kind: 'agentMessaged', message: 'Tabs or spaces?' } },
  { state: 'IN_PROGRESS', tells: { kind: 'userMessaged', message: 'Tabs.' } },
  { state: 'IN_PROGRESS', tells: { kind: 'agentMessaged', message: 'Nearly done.' } },
  { state: 'COMPLETED', tells: { kind: 'sessionCompleted' }, outputs: [{ kind: 'pullRequest', url: PR }] },
];
export const BEATS = LIFE.length;

/** What is told in the thread and beside the card by then, in order. */
const TOLD = ['opened', 'plan', 'activity', 'question', 'message'];

export async function startLives(db: TestDatabase, guild: string) {
  const key = await aServer(db, { guild, perDay: 1_000_000, atOnce: 1_000_000 });
  await someSources(db, key);
  const jules = fakeJules();
  const tellings = new Map<string, JulesActivity[]>();
  const sessions: Sessions = {
    ...jules,
    activities: async (_key, { name }) => [...(tellings.get(name) ?? [])],
    // What is approved is told by the life itself.
    approve: async (_key, _name, { mayBegin }) => mayBegin(),
  };
  const deps = { rpc: db.rpc, sessions, windows: WINDOWS };

  async function begin() {
    const task = await aTask(db, anApprover({ guild }));
    await openSession(deps, aDelivery('task', task.id));
    const [row] = await db.sql<{ name: string; account: string }[]>`
      select name, account_id as account from verne.sessions where task_id = ${task.id}`;
    const name = row?.name ?? '';
    const told: JulesActivity[] = [];
    tellings.set(name, told);
    let at = 0;
    const beginMs = Date.now();
    return {
      task,
      name,
      isOver: () => at >= BEATS,
      /** Jules goes on by one beat. */
      live() {
        const beat = LIFE[at];
        const index = jules.sessions.findIndex((one) => one.name === name);
        const before = jules.sessions[index];
        if (!beat || !before) throw new Error('the life is over');
        jules.sessions[index] = aSession({
          ...before,
          state: beat.state,
          outputs: beat.outputs ?? [],
          updateTime: new Date(beginMs + at * 1000),
        });
        if (beat.tells) {
          const facts = { createTime: new Date(beginMs + at * 1000), description: null, artifacts: [], ...beat.tells };
          told.push({ name: `${name}/activities/${at}`, ...facts } as unknown as JulesActivity);
        }
        at += 1;
        return at;
      },
      follow: () => followSession(deps, aDelivery('task', task.id)),
      sweep: () => sweepAccount(deps, aDelivery('account', row?.account ?? '')),
      /** A webhook about a beat, which names the pull request where there is one by then. */
      report: (beat: number) =>
        receiveReport(db.rpc, {
          id: `${task.id}-${beat}`,
          session: name,
          state: LIFE[beat]?.state,
          ...(LIFE[beat]?.outputs && { pr_url: PR }),
        }),
    };
  }

  /** What went wrong with a task whose session's life is over and told; empty where nothing did. */
  async function troubles({ task }: { task: { id: string } }): Promise<string[]> {
    const [now] = await db.sql`
      select t.status, t.pr_url, t.pr_source, s.phase, s.resumes from public.tasks t join verne.sessions s on s.task_id = t.id where t.id = ${task.id}`;
    const notes = await db.sql<{ view: string; place: string }[]>`
      select view, place from verne.messages where subject = ${`task:${task.id}`} and kind = 'note' order by seq`;
    const facts = await db.sql<{ topic: string; phase: string | null }[]>`
      select topic, payload ->> 'phase' as phase from verne.events where key = ${`task:${task.id}`} order by id`;
    const [known] = await db.sql`select count(*)::int as count from verne.activities where task_id = ${task.id}`;
    const ends = facts
      .filter(({ topic }) => /^task\.(?:completed|failed|resumed|cancelled)$/.test(topic))
      .map(({ topic }) => topic);
    const turns = facts
      .filter(({ topic }) => topic === 'session.turned')
      .map(({ phase }) => ORDER.indexOf(phase ?? ''));
    const thread = notes.filter(({ view, place }) => place === 'thread' && view !== 'closing').map(({ view }) => view);
    const outcomes = notes.filter(({ view }) => view === 'outcome').length;
    const isDone = now?.status === 'completed' && now.pr_url === PR && now.phase === 'done_pr' && now.resumes === 0;
    return [
      ...(isDone ? [] : [`ended as ${JSON.stringify(now)}`]),
      ...(ends.join() === 'task.completed' ? [] : [`transitions: ${ends.join()}`]),
      ...(outcomes === 1 ? [] : [`${outcomes} outcomes`]),
      ...(isInOrder(thread) ? [] : [`posts: ${thread.join()}`]),
      ...(goesForward(turns) ? [] : [`turns: ${turns.join()}`]),
      ...(known?.count === LIFE.filter(({ tells }) => tells).length ? [] : [`${known?.count} activities`]),
    ];
  }
  return { begin, troubles };
}

export type Lives = Awaited<ReturnType<typeof startLives>>;
export type Life = Awaited<ReturnType<Lives['begin']>>;

/** A session works again after its question, and nothing else ever goes back. */
const ORDER = ['queued', 'opening', 'planning', 'approving', 'working', 'needs_input', 'finishing', 'done_pr'];
const [WORKING, ASKING] = [ORDER.indexOf('working'), ORDER.indexOf('needs_input')];
const goesForward = (turns: readonly number[]) =>
  turns.every((turn, at) => {
    const before = turns[at - 1] ?? -1;
    return turn > before || (turn === WORKING && before === ASKING);
  });

/** Each once and in order; a question that was answered before anybody looked is told as a message. */
const isInOrder = (views: readonly string[]) => {
  const asked = views.map((view, at) =>
    view === 'message' && views.indexOf(view) === at && !views.includes('question') ? 'question' : view,
  );
  return asked.join() === TOLD.join();
};

/**
 * Everything that tells of a life, in an order that the seed decides: reports come late, twice and in any order, sweeps and
 * looks at Jules fall where they like. Jules itself only goes on.
 */
export async function shuffledLife(lives: Lives, random: Seeded): Promise<{ troubles: string[]; reports: number }> {
  const life = await lives.begin();
  const waiting: number[] = [];
  let reports = 0;
  while (!life.isOver() || waiting.length > 0) {
    const dice = random.below(10);
    if (dice < 4 && !life.isOver()) {
      const beat = life.live() - 1;
      waiting.push(beat, ...(random.below(3) === 0 ? [beat] : []));
    } else if (dice < 8 && waiting.length > 0) {
      const [beat = 0] = waiting.splice(random.below(waiting.length), 1);
      await life.report(beat);
      reports += 1;
    } else if (dice === 8) await life.sweep();
    else await life.follow();
  }
  await life.follow();
  await life.follow();
  return { troubles: await lives.troubles(life), reports };
}

/** Each beat is told by both ways at the same moment, by each twice, and looked at by two processes at once. */
export async function doublyToldLife(lives: Lives): Promise<{ troubles: string[]; changes: number }> {
  const life = await lives.begin();
  while (!life.isOver()) {
    const beat = life.live() - 1;
    await Promise.all([life.report(beat), life.sweep(), life.report(beat), life.follow(), life.follow()]);
  }
  await life.follow();
  return { troubles: await lives.troubles(life), changes: BEATS };
}
