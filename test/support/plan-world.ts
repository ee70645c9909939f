import { keyBreakers } from '#jules/breaker.ts';
import type { Fetch } from '#jules/call.ts';
import { julesClient } from '#jules/client.ts';
import { sessionsAtJules } from '#jules/sessions.ts';
import { taskId } from '#kernel/ids.ts';
import type { Rpc } from '#kernel/rpc.ts';
import { Secret } from '#kernel/secret.ts';
import { type JulesServer, startJules } from '#sandbox/jules/server.ts';
import { approvePlan } from '#tasks/approve-plan.ts';
import { decideTask } from '#tasks/decide-task.ts';
import { followSession } from '#tasks/follow-session.ts';
import { type Instruction, instructTask } from '#tasks/instruct-task.ts';
import { openSession } from '#tasks/open-session.ts';
import { planIn } from '#tasks/plan.ts';
import type { JulesActivity, Sessions } from '#tasks/ports.ts';
import { readTask } from '#tasks/read-task.ts';
import { requestTask } from '#tasks/request-task.ts';
import { sendInstructions } from '#tasks/send-instructions.ts';
import type { TaskView } from '#tasks/task.ts';
import { moveClock } from './clock.ts';
import type { TestDatabase } from './database.ts';
import { aDelivery, anApprover, aRequester, aServer, someSources, WINDOWS } from './tasks.ts';

const KEY = 'AIzaPlanWorld-0000000000000000000000000';
const REPO = { owner: 'octo', repo: 'repo', defaultBranch: 'main', branches: ['main'] };
/** A plan is made in less than that, and dropped after ten minutes. */
export const PLANNED_MS = 6000;

/** Each is called once, in the midst of what the bot does. */
type Interruptions = {
  /** It knows the session's state, and not yet its plan. */
  betweenReadings?: () => unknown;
  /** It has recorded what it read. */
  afterRecording?: () => unknown;
  /** Nothing is left to be asked: the call goes out. */
  beforeApproving?: () => unknown;
  beforeTelling?: () => unknown;
};

type Wire = {
  readonly planGenerated?: { plan: { id: string; steps: object[] } };
  readonly planApproved?: { planId: string };
};

/**
 * People, the bot's handlers over a real database, and a simulated Jules between whose words and deeds the plan of a
 * session can change. What it approved is told by its own activities.
 */
export async function startPlanWorld(db: TestDatabase) {
  const key = await aServer(db, { perDay: 100_000, atOnce: 100_000 });
  await someSources(db, key);
  const jules: JulesServer = await startJules();
  jules.control.addAccount({ key: KEY, label: 'plans', sources: [REPO], perDay: 100_000, atOnce: 100_000 });
  jules.control.script({ settings: { activities404Ms: 0 } });
  const interruptions: Interruptions = {};
  const once = async (name: keyof Interruptions) => {
    const work = interruptions[name];
    delete interruptions[name];
    await work?.();
  };
  const interrupted: Fetch = async (url, init) => {
    if (url.endsWith(':approvePlan')) await once('beforeApproving');
    if (url.endsWith(':sendMessage')) await once('beforeTelling');
    const { body, ...request } = init;
    return fetch(url, { ...request, ...(body !== null && { body }) }) as unknown as ReturnType<Fetch>;
  };
  const atJules = sessionsAtJules({
    client: julesClient({ apiBase: jules.url, fetch: interrupted, timeoutMs: 10_000, createTimeoutMs: 10_000 }),
    breakers: keyBreakers({ openMs: 100 }),
    open: async () => new Secret(KEY),
    createTimeoutMs: 10_000,
  });
  const sessions: Sessions = {
    ...atJules,
    read: async (...args) => {
      const found = await atJules.read(...args);
      await once('betweenReadings');
      return found;
    },
  };
  const rpc: Rpc = async (name, args, options) => {
    const answer = await db.rpc(name, args, options);
    if (name === 'record_session') await once('afterRecording');
    return answer;
  };
  const deps = { rpc, sessions, windows: WINDOWS };
  const lane = async ({ id }: TaskView) => {
    const [clock] = await db.sql<{ now: Date }[]>`select verne.now() as now`;
    return aDelivery('task', id, { now: clock?.now ?? new Date() });
  };
  const view = async ({ id }: TaskView) => {
    const found = await readTask(db.rpc, taskId(id));
    if (!found) throw new Error('the task is gone');
    return found;
  };
  const nameOf = async (task: TaskView) => (await view(task)).session?.name ?? '';
  const follow = async (task: TaskView) => followSession(deps, await lane(task));
  /** For Jules, and for the bot. */
  const pass = async (ms: number) => {
    jules.control.advance(ms);
    await moveClock(db.sql, ms);
  };
  let asked = 0;
  return {
    jules,
    interruptions,
    follow,
    view,
    nameOf,
    pass,
    send: async (task: TaskView) => sendInstructions(deps, await lane(task)),
    push: async (task: TaskView, script: object) => jules.control.script({ session: await nameOf(task), ...script }),
    press: (task: TaskView, plan: string | null, actor = anApprover()) =>
      approvePlan(db.rpc, actor, taskId(task.id), plan ?? ''),
    instruct: (task: TaskView, wish: Pick<Instruction, 'kind' | 'text'> & { about?: string | null }) =>
      instructTask(db.rpc, aRequester(), {
        ...wish,
        about: wish.about ?? undefined,
        taskId: taskId(task.id),
        requestKey: `plan-world-say-${++asked}`,
      }),
    cancel: (task: TaskView) => decideTask(db.rpc, aRequester(), { taskId: taskId(task.id), verb: 'cancel' }),
    /** A task whose plan waits at Jules, and what its card shows. */
    async planned(prompt = 'Fix the test'): Promise<TaskView> {
      const wish = { requestKey: `plan-world-${++asked}`, prompt, planReview: true };
      const outcome = await requestTask(db.rpc, aRequester(), wish);
      if (outcome.kind !== 'requested') throw new Error(outcome.kind);
      await decideTask(db.rpc, anApprover(), { taskId: taskId(outcome.task.id), verb: 'confirm' });
      await openSession(deps, await lane(outcome.task));
      await pass(PLANNED_MS);
      await follow(outcome.task);
      return view(outcome.task);
    },
    /** Somebody writes on Jules's own page, and it makes another plan of that. */
    async replan(task: TaskView, text: string) {
      jules.control.script({ session: await nameOf(task), do: 'message', text });
      await pass(PLANNED_MS);
    },
    /** The beginnings of the hashes of those plans that were approved at Jules, as buttons name them. */
    async approvedAt(session: string): Promise<string[]> {
      const listed = await fetch(`${jules.url}/${session}/activities?pageSize=100`, {
        headers: { 'x-goog-api-key': KEY },
      });
      const { activities = [] } = (await listed.json()) as { activities?: Wire[] };
      return activities.flatMap(({ planApproved }) => {
        const plan = activities.find(
          ({ planGenerated }) => planGenerated?.plan.id === planApproved?.planId,
        )?.planGenerated;
        const hash = plan && planIn([{ kind: 'planGenerated', ...plan } as unknown as JulesActivity])?.hash;
        return planApproved ? [hash?.slice(0, 12) ?? 'a plan that was never told'] : [];
      });
    },
    close: () => jules.close(),
  };
}

export type PlanWorld = Awaited<ReturnType<typeof startPlanWorld>>;
