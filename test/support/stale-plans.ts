import { vi } from 'vitest';
import type { TaskView } from '#tasks/task.ts';
import { PLANNED_MS, type PlanWorld } from './plan-world.ts';
import { WINDOWS } from './tasks.ts';

type Scene = {
  readonly world: PlanWorld;
  readonly task: TaskView;
  /** What makes this round's plans unlike all others. */
  readonly mark: string;
  /** Presses Approve under a plan; what was taken counts as read. */
  readonly press: (plan: string | null) => Promise<unknown>;
  readonly cancel: () => Promise<unknown>;
};

const DROPPED_MS = 11 * 60_000;
/** After that the bot takes what Jules does not say for settled. */
const SETTLED_MS = WINDOWS.deletedMs + 10_000;

/** The process stands still for so long; its clock tells it afterwards. */
function freeze(ms: number) {
  const now = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => now() + ms);
}

const newest = async ({ world, task }: Scene) => (await world.view(task)).plan_hash;
async function replaced({ world, task }: Scene, text: string) {
  await world.replan(task, text);
  await world.follow(task);
}

/** What becomes of a plan between its card, the press on Approve, and the call to Jules. */
const WAYS = {
  'replaced on the page of Jules before the press, and not read yet': async ({ world, task, mark, press }) => {
    await world.replan(task, mark);
    await press(task.plan_hash);
  },
  'replaced, and its card shows the new one': async (scene) => {
    await replaced(scene, scene.mark);
    await scene.press(scene.task.plan_hash);
  },
  'replaced between the press and the next reading': async ({ world, task, mark, press }) => {
    await press(task.plan_hash);
    await world.replan(task, mark);
  },
  'replaced twice, and the first one is back': async (scene) => {
    await replaced(scene, `${scene.mark} one`);
    await replaced(scene, `${scene.mark} other`);
    const other = await newest(scene);
    await replaced(scene, `${scene.mark} one`);
    await scene.press(other);
  },
  'replaced while it is being read': async ({ world, task, mark, press }) => {
    await press(task.plan_hash);
    world.interruptions.betweenReadings = () => world.replan(task, mark);
  },
  'replaced while the bot stands still between reading and call': async ({ world, task, mark, press }) => {
    await press(task.plan_hash);
    world.interruptions.afterRecording = async () => {
      await world.replan(task, mark);
      freeze(3000);
    };
  },
  'given up for another one right before the call': async ({ world, task, mark, press }) => {
    await press(task.plan_hash);
    world.interruptions.beforeApproving = () => world.push(task, { do: 'message', text: mark });
  },
  'dropped by Jules before the press': async ({ world, task, press }) => {
    await world.pass(DROPPED_MS);
    await press(task.plan_hash);
  },
  'dropped by Jules right before the call': async ({ world, task, press }) => {
    await press(task.plan_hash);
    world.interruptions.beforeApproving = () => world.pass(DROPPED_MS);
  },
  'to be changed, of which Jules was not told yet': async ({ world, task, mark, press }) => {
    await world.instruct(task, { kind: 'changes', text: mark, about: task.plan_hash });
    await press(task.plan_hash);
  },
  'to be changed, of which Jules is being told while it is pressed': async ({ world, task, mark, press }) => {
    await world.instruct(task, { kind: 'steer', text: mark });
    world.interruptions.beforeTelling = async () => {
      await press(task.plan_hash);
      await world.follow(task);
    };
    await world.send(task);
  },
  'of a task that was cancelled before the press': async ({ task, press, cancel }) => {
    await cancel();
    await press(task.plan_hash);
  },
  'of a task that is cancelled between the press and the call': async ({ world, task, press, cancel }) => {
    await press(task.plan_hash);
    world.interruptions.afterRecording = cancel;
  },
  'of a session that failed before the press': async ({ world, task, press }) => {
    await world.push(task, { do: 'fail', reason: 'It broke.' });
    await press(task.plan_hash);
  },
  'of a session that was deleted before the press': async ({ world, task, press }) => {
    await world.push(task, { do: 'delete' });
    await press(task.plan_hash);
  },
} as const satisfies Record<string, (scene: Scene) => Promise<unknown>>;

export type Way = keyof typeof WAYS;
export const STALE_WAYS = Object.keys(WAYS) as Way[];

const TURNS = 3;

/**
 * One approval pressed while its plan becomes another one: how many plans Jules carries out that nobody read, and
 * whether the newest plan, where one waits, can still be approved.
 */
export async function staleRound(world: PlanWorld, way: Way, round: number) {
  const task = await world.planned(`Fix test ${round}`);
  const session = await world.nameOf(task);
  let read = new Set<string | undefined>();
  const scene: Scene = {
    world,
    task,
    mark: `Not like that, ${round}`,
    press: async (plan) => {
      if ((await world.press(task, plan?.slice(0, 12) ?? null)).kind === 'approved') read.add(plan?.slice(0, 12));
    },
    cancel: () => {
      read = new Set();
      return world.cancel(task);
    },
  };
  try {
    await WAYS[way](scene);
    for (let turn = 0; turn < TURNS; turn += 1) {
      await world.follow(task);
      await world.send(task);
      await world.pass(PLANNED_MS);
    }
  } finally {
    vi.restoreAllMocks();
  }
  await world.pass(SETTLED_MS);
  await world.follow(task);
  const unread = (await world.approvedAt(session)).filter((plan) => !read.has(plan)).length;
  const now = await world.view(task);
  if (now.session?.phase !== 'plan_review') return { unread, ends: String(now.session?.phase) };
  await scene.press(now.plan_hash);
  await world.follow(task);
  const approved = await world.approvedAt(session);
  return { unread, ends: approved.at(-1) === now.plan_hash?.slice(0, 12) ? 'approved' : 'stuck' };
}
